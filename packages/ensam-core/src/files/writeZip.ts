import { Readable } from "node:stream";
import { crc32, createDeflateRaw } from "node:zlib";
import type { ZipInputFile } from "fflate";
import { FileError } from "./fileError.ts";
import { writeFileAtomically } from "./writeFileAtomically.ts";

/** zlib's level for members: label maps come out a quarter smaller than at 1, images hardly shrink beyond it. */
const deflateLevel = 4;
/** The first time a zip can hold, so that equal content gives equal bytes. */
const fixedTime = new Date(1980, 0, 1);
/** A zip without Zip64 records (fflate writes none) counts bytes in 32 bits. */
const zipLimit = 0xffff_ffff;

/**
 * Writes a zip archive of the named members, atomically. Payloads are deflated by Node's zlib, the container is fflate's.
 * Rejects with a FileError if a member or the archive would reach 4 GiB.
 */
export async function writeZip(path: string, members: Readonly<Record<string, readonly Uint8Array[]>>): Promise<void> {
  const entries = Object.entries(members);
  const sizes = entries.map(([, chunks]) => totalLength(chunks));
  for (const [index, size] of sizes.entries()) checkZipSize(`${path}: ${entries[index]![0]}`, size);

  const packed = await Promise.all(entries.map(([, chunks]) => deflate(chunks)));
  const overhead = (name: string): number => 92 + 2 * Buffer.byteLength(name); // Local header, data descriptor, directory entry.
  checkZipSize(
    path,
    packed.reduce((sum, chunks, index) => sum + totalLength(chunks) + overhead(entries[index]![0]), 22),
  );

  const { Zip } = await import("fflate"); // Only here: readers need not wait for it to load.
  const output: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw new FileError(path, "a zip archive", error.message);
    output.push(chunk);
  });
  for (const [index, [name, chunks]] of entries.entries()) {
    const file: ZipInputFile = {
      filename: name,
      size: sizes[index]!,
      crc: chunks.reduce((sum, chunk) => crc32(chunk, sum), 0),
      compression: 8,
      mtime: fixedTime,
    };
    zip.add(file);
    for (const part of packed[index]!) file.ondata?.(null, part as Uint8Array<ArrayBuffer>, false);
    file.ondata?.(null, new Uint8Array(0), true);
  }
  zip.end();
  await writeFileAtomically(path, output);
}

/** Throws a FileError if `bytes` cannot be counted in a plain zip archive. */
export function checkZipSize(where: string, bytes: number): void {
  if (bytes >= zipLimit) {
    throw new FileError(where, "less than 4 GiB (the archive is written without Zip64)", `${bytes} bytes`);
  }
}

async function deflate(chunks: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const packer = createDeflateRaw({ level: deflateLevel, chunkSize: 1 << 18 });
  const packed: Uint8Array[] = [];
  for await (const part of Readable.from(chunks).pipe(packer)) packed.push(part as Uint8Array);
  return packed;
}

function totalLength(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
