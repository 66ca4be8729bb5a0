import { promisify } from "node:util";
import { constants, crc32, deflateRaw, deflateRawSync, type ZlibOptions } from "node:zlib";
import type { ZipInputFile } from "fflate";
import { FileError } from "./fileError.ts";
import { writeFileAtomically } from "./writeFileAtomically.ts";

/** zlib's level for members: label maps come out a quarter smaller than at 1, images hardly shrink beyond it. */
const deflateLevel = 4;
const deflatePiece = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw);
/** The first time a zip can hold, so that equal content gives equal bytes. */
const fixedTime = new Date(1980, 0, 1);
/** A zip without Zip64 records (fflate writes none) counts bytes in 32 bits. */
const zipLimit = 0xffff_ffff;

/**
 * Writes a zip archive of the named members, atomically. Payloads are deflated by Node's zlib, the container is
 * fflate's. Rejects with a FileError if a member or the archive would reach 4 GiB.
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

/** What is packed as one piece: large enough to lose nothing to the joints, small enough for all cores to have some. */
const pieceBytes = 1 << 22;
/** How far back deflate can refer. */
const windowBytes = 1 << 15;
const piecesAtOnce = 4;
/** Packed in half a millisecond, which is less than it takes to ask another thread for it. */
const smallPiece = 1 << 15;

/**
 * One deflate stream, packed in pieces at the same time: each piece ends on a whole byte (a sync flush) and knows the
 * end of the one before as its dictionary, so the joints cost five bytes each. The bytes do not depend on the number of
 * threads.
 */
async function deflate(chunks: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const pieces = piecesOf(chunks);
  if (pieces.length === 1 && pieces[0]!.length <= smallPiece) {
    return [deflateRawSync(pieces[0]!, { level: deflateLevel })];
  }
  const packed: Uint8Array[] = new Array(pieces.length);
  let next = 0;
  const work = async (): Promise<void> => {
    for (let index = next++; index < pieces.length; index = next++) {
      const dictionary = pieces[index - 1]?.subarray(-windowBytes);
      packed[index] = await deflatePiece(pieces[index]!, {
        level: deflateLevel,
        finishFlush: index === pieces.length - 1 ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
        ...(dictionary && { dictionary }),
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(piecesAtOnce, pieces.length) }, work));
  return packed;
}

/** The chunks in pieces of at most 4 MiB, without copying where they are more than one; at least one, perhaps empty. */
function piecesOf(chunks: readonly Uint8Array[]): Uint8Array[] {
  if (totalLength(chunks) <= pieceBytes) return [Buffer.concat(chunks)];
  return chunks.flatMap((chunk) =>
    Array.from({ length: Math.ceil(chunk.length / pieceBytes) }, (_, index) =>
      chunk.subarray(index * pieceBytes, (index + 1) * pieceBytes),
    ),
  );
}

function totalLength(chunks: readonly Uint8Array[]): number {
  return chunks.reduce((sum, chunk) => sum + chunk.length, 0);
}
