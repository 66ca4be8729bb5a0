import { closeSync, openSync, readSync } from "node:fs";
import { asFileError } from "./fileError.ts";
import { statRegularFileSync } from "./regularFile.ts";

/**
 * The first bytes of a regular file as they are, not inflated: `most` of them, or all where it has fewer. Read without
 * waiting in between: for so few bytes the turns of the event loop cost more than the disk. Throws a FileError.
 */
export function firstBytes(path: string, most: number, expected = "a file that can be read"): Buffer {
  const { size } = statRegularFileSync(path, expected);
  try {
    const bytes = Buffer.alloc(Math.min(most, size));
    const file = openSync(path, "r");
    try {
      return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw asFileError(path, expected, error);
  }
}
