import { type Stats, statSync } from "node:fs";
import { stat } from "node:fs/promises";
import { asFileError, FileError } from "./fileError.ts";

/** The status of a regular file, through links. Anything else is a FileError: a pipe or a device has no size and may never end. */
export async function statRegularFile(path: string, expected = "a file that can be read"): Promise<Stats> {
  const status = await stat(path).catch((error: unknown) => {
    throw asFileError(path, expected, error);
  });
  return checkRegular(path, expected, status);
}

/** The same, at once. */
export function statRegularFileSync(path: string, expected = "a file that can be read"): Stats {
  try {
    return checkRegular(path, expected, statSync(path));
  } catch (error) {
    throw asFileError(path, expected, error);
  }
}

function checkRegular(path: string, expected: string, status: Stats): Stats {
  if (status.isFile()) return status;
  throw new FileError(path, expected, kindOf(status));
}

function kindOf(status: Stats): string {
  if (status.isDirectory()) return "a folder";
  if (status.isFIFO()) return "a pipe (copy it to a file first)";
  return status.isSocket() ? "a socket" : "a device";
}
