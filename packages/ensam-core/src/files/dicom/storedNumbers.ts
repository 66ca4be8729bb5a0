import type { StoredBits } from "./dicomFrame.ts";

export type StoredArray = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** An array for `count` stored numbers of these bits. */
export function storedArray({ allocated, signed }: StoredBits, count: number): StoredArray {
  if (allocated === 8) return signed ? new Int8Array(count) : new Uint8Array(count);
  if (allocated === 16) return signed ? new Int16Array(count) : new Uint16Array(count);
  return signed ? new Int32Array(count) : new Uint32Array(count);
}

/**
 * Keeps of each number, in place, the bits that are stored: those up to the highest bit moved down, sign extended where
 * the numbers are signed. Other bits may hold overlays, and signs are often not extended in files.
 */
export function keepStoredBits(numbers: StoredArray, { allocated, stored, high, signed }: StoredBits): void {
  if (stored === allocated) return;
  const [left, right] = [31 - high, 32 - stored];
  for (let index = 0; index < numbers.length; index++) {
    const moved = numbers[index]! << left;
    numbers[index] = signed ? moved >> right : moved >>> right;
  }
}

/** Turns the bytes of each number round, in place. */
export function swapBytes(numbers: StoredArray): void {
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  if (numbers.BYTES_PER_ELEMENT === 2) bytes.swap16();
  else if (numbers.BYTES_PER_ELEMENT === 4) bytes.swap32();
}
