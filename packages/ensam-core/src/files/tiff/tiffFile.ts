import { type FileHandle, open } from "node:fs/promises";
import { asFileError, FileError } from "../fileError.ts";
import { statRegularFile } from "../regularFile.ts";

/** A TIFF or BigTIFF file opened for reading at any place. */
export interface TiffFile {
  readonly path: string;
  readonly size: number;
  readonly littleEndian: boolean;
  readonly isBig: boolean;
  /** The byte of the first page's directory. */
  readonly first: number;
  /** `length` bytes from `offset` on; a stretch that is not all in the file is a FileError that says what `what` wanted. */
  read(offset: number, length: number, what: string): Promise<Buffer>;
  close(): Promise<void>;
}

/** Opens a TIFF file and reads its first bytes: byte order, version 42 or 43 (BigTIFF), the place of the first directory. */
export async function openTiff(path: string): Promise<TiffFile> {
  const { size } = await statRegularFile(path);
  const handle = await open(path, "r").catch((error: unknown) => {
    throw asFileError(path, "a file that can be read", error);
  });
  try {
    const head = await readAt(path, handle, size, 0, 8, "a TIFF header");
    const littleEndian = head.toString("latin1", 0, 2) === "II";
    const version = unsigned(head, 2, 2, littleEndian);
    if (version !== 42 && version !== 43) throw new FileError(path, "TIFF version 42 or 43", `${version}`);
    const isBig = version === 43;
    const first = isBig
      ? unsigned(await readAt(path, handle, size, 8, 8, "a BigTIFF header"), 0, 8, littleEndian)
      : unsigned(head, 4, 4, littleEndian);
    const read = (offset: number, length: number, what: string) => readAt(path, handle, size, offset, length, what);
    return { path, size, littleEndian, isBig, first, read, close: () => handle.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The unsigned integer of 1, 2, 4 or 8 bytes at `offset`. */
export function unsigned(bytes: Buffer, offset: number, size: number, littleEndian: boolean): number {
  if (size === 8) return Number(littleEndian ? bytes.readBigUInt64LE(offset) : bytes.readBigUInt64BE(offset));
  return littleEndian ? bytes.readUIntLE(offset, size) : bytes.readUIntBE(offset, size);
}

async function readAt(
  path: string,
  handle: FileHandle,
  size: number,
  offset: number,
  length: number,
  what: string,
): Promise<Buffer> {
  if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
    throw new FileError(path, `${what}: ${length} bytes at ${offset}`, `a file of ${size} bytes`);
  }
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(bytes, done, Math.min(length - done, 1 << 30), offset + done);
    if (bytesRead === 0) throw new FileError(path, `${what}: ${length} bytes at ${offset}`, `${done}`);
    done += bytesRead;
  }
  return bytes;
}
