import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { asFileError, FileError, reasonOf } from "./fileError.ts";

const inflate = promisify(gunzip);

/** The content of a file; if it is a gzip stream, by its first bytes and not its name, what that holds. Rejects with a FileError. */
export async function readMaybeGzipped(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw asFileError(path, "a file that can be read", error);
  });
  if (bytes.length === 0) throw new FileError(path, "an image", "an empty file");
  if (!isGzip(bytes)) return bytes;
  try {
    return await inflate(bytes);
  } catch (error) {
    throw new FileError(path, "an undamaged gzip stream", reasonOf(error), { cause: error });
  }
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
