import { readdir } from "node:fs/promises";
import { FileError } from "./fileError.ts";

/**
 * The npz files of a folder that the challenge hands to a container, by name; hidden ones are no cases. A folder that
 * cannot be listed, or that holds none, is a FileError.
 *
 * @param expected  the folder in words, for errors
 */
export async function challengeInputs(folder: string, expected: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new FileError(folder, expected, "none", { cause: error });
  });
  const files = names.filter((name) => name.endsWith(".npz") && !name.startsWith(".")).sort();
  if (files.length === 0) throw new FileError(folder, "npz files", "none");
  return files;
}
