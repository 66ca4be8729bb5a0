import { endianness } from "node:os";
import { FileError } from "../fileError.ts";
import type { OpenSource } from "./byteSource.ts";
import type { DicomFrame } from "./dicomFrame.ts";
import { framesOfFragments } from "./fragments.ts";
import { type JpegDecoder, openJpegDecoder } from "./jpegFamily.ts";
import { decodeRunLengths } from "./runLengths.ts";
import { keepStoredBits, type StoredArray, storedArray, swapBytes } from "./storedNumbers.ts";

const mostBytes = 2 ** 32;
const machineIsLittle = endianness() === "LE";

/** The stored numbers of all frames, one after the other, and how many of them the files lack. */
export interface StoredPixels {
  readonly numbers: StoredArray;
  readonly missing: number;
}

/**
 * Reads the stored numbers of frames of one shape and one kind of bits, in the order given: native pixels straight into
 * the array, run lengths by our own code, the JPEG family by an optional decoder. Pixels that are cut off are a
 * FileError, or with `allowMissing` zeros.
 */
export async function readPixels(frames: readonly DicomFrame[], allowMissing = false): Promise<StoredPixels> {
  const { rows, columns, bits } = frames[0]!;
  const count = rows * columns;
  if (!allowMissing) for (const frame of frames) checkNativeSize(frame);
  if (count * frames.length * (bits.allocated / 8) > mostBytes) {
    throw new FileError(frames[0]!.name, "a volume of at most 4 GiB", `${frames.length} x ${rows} x ${columns} voxels`);
  }
  const numbers = storedArray(bits, count * frames.length);
  const decoder = openJpegDecoder();
  let missing = 0;
  try {
    for (const { first, together } of bySource(frames)) {
      const file = await together[0]!.header.source.open();
      try {
        const packed = await packedFrames(together[0]!, file);
        for (const [index, frame] of together.entries()) {
          const target = numbers.subarray((first + index) * count, (first + index + 1) * count) as StoredArray;
          if (packed === undefined) missing += await fillNative(frame, file, target);
          else await fillPacked(frame, packed[frame.index]!, target, decoder);
          keepStoredBits(target, frame.bits);
        }
      } finally {
        await file.close();
      }
    }
  } finally {
    await decoder.close();
  }
  return { numbers, missing };
}

/** Neighbouring frames of one file, so that it is opened once. */
function bySource(frames: readonly DicomFrame[]): { first: number; together: DicomFrame[] }[] {
  const groups: { first: number; together: DicomFrame[] }[] = [];
  for (const [index, frame] of frames.entries()) {
    const last = groups.at(-1);
    if (last !== undefined && last.together[0]!.header.source === frame.header.source) last.together.push(frame);
    else groups.push({ first: index, together: [frame] });
  }
  return groups;
}

/** Refuses native pixels that are cut off before anything is allocated for them. */
function checkNativeSize(frame: DicomFrame): void {
  if (frame.header.syntax.pixels !== "native" || frame.header.pixels!.isOpen) return;
  const { wanted, there } = nativePlace(frame);
  if (there < wanted) throw new FileError(frame.name, `${wanted} bytes of pixels`, `${there}: the file is cut off`);
}

/** Where a native frame lies in its file, how many bytes it has and how many of them are there. */
function nativePlace({ header: { pixels, size }, index, rows, columns, bits }: DicomFrame) {
  const wanted = rows * columns * (bits.allocated / 8);
  const start = pixels!.valueStart + index * wanted;
  const end = Math.min(size, pixels!.valueStart + pixels!.length);
  return { wanted, start, there: Math.max(0, Math.min(wanted, end - start)) };
}

/** Returns how many numbers are missing. */
async function fillNative(frame: DicomFrame, file: OpenSource, target: StoredArray): Promise<number> {
  const { pixels, syntax } = frame.header;
  if (!syntax.littleEndian && frame.bits.allocated === 8 && pixels!.vr === "OW") {
    throw new FileError(frame.name, "8-bit pixels as bytes", "them in big-endian 16-bit words");
  }
  const { start, there } = nativePlace(frame);
  const whole = there - (there % target.BYTES_PER_ELEMENT);
  await file.fill(new Uint8Array(target.buffer, target.byteOffset, whole), start);
  if (syntax.littleEndian !== machineIsLittle) swapBytes(target);
  return (target.byteLength - whole) / target.BYTES_PER_ELEMENT;
}

async function packedFrames(frame: DicomFrame, file: OpenSource): Promise<Buffer[] | undefined> {
  const { header, name, frameCount, extendedOffsets } = frame;
  const { pixels, syntax, source } = header;
  if (syntax.pixels === undefined) throw new FileError(name, "pixels in a form that can be read", syntax.name);
  if (syntax.pixels === "native") {
    if (pixels!.isOpen) throw new FileError(name, `native pixels (${syntax.name})`, "compressed ones");
    return undefined;
  }
  if (!pixels!.isOpen) throw new FileError(name, `pixels in fragments (${syntax.name})`, "native ones");
  const bytes = Buffer.allocUnsafeSlow(header.size - pixels!.valueStart);
  await file.fill(bytes, pixels!.valueStart);
  return framesOfFragments(source.name, bytes, frameCount, extendedOffsets);
}

async function fillPacked(frame: DicomFrame, packed: Buffer, target: StoredArray, decoder: JpegDecoder): Promise<void> {
  const isRle = frame.header.syntax.pixels === "rle";
  const bytes = isRle
    ? decodeRunLengths(frame.name, packed, target.length, target.BYTES_PER_ELEMENT)
    : await decoder.decode(frame, packed);
  new Uint8Array(target.buffer, target.byteOffset, target.byteLength).set(bytes);
  if (!machineIsLittle) swapBytes(target);
}
