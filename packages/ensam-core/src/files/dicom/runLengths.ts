import { FileError } from "../fileError.ts";

const headerSize = 64;

/**
 * The pixels of one frame from DICOM's run lengths (PS3.5 annex G): one PackBits segment for each byte of the numbers,
 * the most significant first.
 *
 * @returns `count` numbers of `byteCount` bytes, little endian
 */
export function decodeRunLengths(name: string, packed: Buffer, count: number, byteCount: number): Uint8Array {
  if (packed.length < headerSize) throw damaged(name, `${packed.length} bytes`);
  const segments = packed.readUInt32LE(0);
  if (segments !== byteCount) throw damaged(name, `${segments} segments for numbers of ${byteCount} bytes`);
  const pixels = new Uint8Array(count * byteCount);
  for (let segment = 0; segment < segments; segment++) {
    const start = packed.readUInt32LE(4 + 4 * segment);
    const end = segment + 1 < segments ? packed.readUInt32LE(8 + 4 * segment) : packed.length;
    if (start < headerSize || end < start || end > packed.length) throw damaged(name, "segments outside of the frame");
    unpack(name, packed.subarray(start, end), pixels, byteCount - 1 - segment, byteCount, count);
  }
  return pixels;
}

/** PackBits: a length byte n, then n + 1 bytes as they are (n < 128) or one byte 257 - n times (n > 128). */
function unpack(
  name: string,
  packed: Uint8Array,
  pixels: Uint8Array,
  first: number,
  step: number,
  count: number,
): void {
  let done = 0;
  for (let offset = 0; done < count; ) {
    if (offset >= packed.length) throw damaged(name, `${done} of ${count} pixels`);
    const head = packed[offset++]!;
    if (head === 128) continue;
    const isRun = head > 128;
    const length = isRun ? 257 - head : head + 1;
    if (offset + (isRun ? 1 : length) > packed.length) throw damaged(name, `${done} of ${count} pixels`);
    const wanted = Math.min(length, count - done); // What goes beyond is padding.
    for (let index = 0; index < wanted; index++)
      pixels[first + step * (done + index)] = packed[isRun ? offset : offset + index]!;
    done += wanted;
    offset += isRun ? 1 : length;
  }
}

function damaged(name: string, got: string): FileError {
  return new FileError(name, "undamaged run lengths", got);
}
