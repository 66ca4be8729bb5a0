import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { unzip } from "node:zlib";
import { FileError, reasonOf } from "./fileError.ts";
import { readMaybeGzipped } from "./gunzip.ts";

const inflate = promisify(unzip);
const giplHeaderSize = 256;

/**
 * Rejects with a FileError if the voxels of a GIPL file are damaged or fewer than `voxelBytes`: ITK ignores gzip's checksum and fills up what
 * is missing.
 */
export async function checkGiplVoxels(path: string, voxelBytes: number): Promise<void> {
  const found = (await readMaybeGzipped(path)).length - giplHeaderSize;
  if (found < voxelBytes) throw new FileError(path, `${voxelBytes} bytes of voxels`, `${found}`);
}

/** Rejects with a FileError if the compressed voxels of a MetaImage are damaged: ITK ignores their checksum. */
export async function checkMetaVoxels(path: string): Promise<void> {
  const bytes = await readFile(path);
  const [found, name] =
    /(?:^|\n)\s*ElementDataFile\s*=\s*(\S+)[^\S\n]*\r?\n?/.exec(bytes.toString("latin1", 0, 65536)) ?? [];
  if (found === undefined || name === undefined) return; // ITK itself says what is wrong with such a header.
  const start = bytes.toString("latin1", 0, 65536).indexOf(found) + found.length;
  const header = bytes.toString("latin1", 0, start);
  if (!/(?:^|\n)\s*CompressedData\s*=\s*True/i.test(header) || /^LIST$|%/.test(name)) return;
  try {
    await inflate(/^LOCAL$/i.test(name) ? bytes.subarray(start) : await readFile(join(dirname(path), name)));
  } catch (error) {
    throw new FileError(path, "undamaged compressed voxels", reasonOf(error), { cause: error });
  }
}
