import { access, constants, mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describeError } from "./errorReport.ts";
import { InputError } from "./errors.ts";

/** Makes an output folder if it is missing; an InputError says why it cannot be made or written to. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
    await tryToWrite(path);
  } catch (error) {
    throw new InputError(`output folder ${describeError(error)}`, { cause: error });
  }
}

/**
 * Refuses a file that could not be written at the end, before hours of work go into it: its folder (made if missing)
 * has to take files, and a file of that name has to be a plain one that may be changed.
 */
export async function ensureWritable(file: string): Promise<void> {
  const status = await stat(file).catch(() => undefined);
  if (status !== undefined && !status.isFile()) {
    throw new InputError(`${file}: expected a file to write, got ${status.isDirectory() ? "a folder" : "a device"}`);
  }
  try {
    if (status !== undefined) await access(file, constants.W_OK);
    await makeFolders(dirname(file));
    await tryToWrite(dirname(file));
  } catch (error) {
    throw new InputError(`${file}: cannot be written: ${describeError(error)}`, { cause: error });
  }
}

/** Permissions alone do not tell: the user may be root, the disk read-only, full or not a disk at all. */
async function tryToWrite(folder: string): Promise<void> {
  await access(folder, constants.W_OK | constants.X_OK);
  const trial = join(folder, `.ensam-trial-${process.pid}-${Math.random().toString(36).slice(2)}`);
  await writeFile(trial, "");
  await rm(trial, { force: true });
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
