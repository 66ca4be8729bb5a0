import { access, constants, mkdir } from "node:fs/promises";
import { describeError } from "./errorReport.ts";
import { InputError } from "./errors.ts";

/** Makes an output folder if it is missing; an InputError says why it cannot be made or written to. */
export async function ensureFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new InputError(`output folder ${describeError(error)}`, { cause: error });
  }
}
