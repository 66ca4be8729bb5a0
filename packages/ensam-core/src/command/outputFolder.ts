import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { describeError } from "./errorReport.ts";
import { InputError } from "./errors.ts";

/** Makes an output folder if it is missing; an InputError says why it cannot be made or written to. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new InputError(`output folder ${describeError(error)}`, { cause: error });
  }
}

/** Makes a folder and those above it, one by one: Node's own recursive mkdir never returns below /proc. */
async function makeFolders(path: string): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolders(parent);
  try {
    await mkdir(path);
  } catch (error) {
    // Another process may have made it in the meantime.
    if (!(await isFolder(path))) throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
