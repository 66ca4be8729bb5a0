/**
 * Bits of binary segmentation frames, one after the other without padding between frames, the lowest bit of each byte
 * first; only the end is filled up to a whole byte (PS3.5 section 8.1.1, PS3.3 C.8.20.2).
 */
export interface PackedBits {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** Packs frames whose voxels are 0 or not 0. */
export function packBits(frames: readonly Uint8Array[]): PackedBits {
  const count = frames.reduce((sum, frame) => sum + frame.length, 0);
  const bytes = new Uint8Array(Math.ceil(count / 8));
  let bit = 0;
  for (const frame of frames) {
    for (let index = 0; index < frame.length; index++, bit++) {
      if (frame[index] !== 0) bytes[bit >> 3]! |= 1 << (bit & 7);
    }
  }
  return { bytes, count };
}

/** The voxels `from` to `from + target.length` of packed bits, 0 or 1. */
export function unpackBits(bytes: Uint8Array, from: number, target: Uint8Array): void {
  for (let index = 0; index < target.length; index++) {
    const bit = from + index;
    target[index] = (bytes[Math.floor(bit / 8)]! >> (bit & 7)) & 1;
  }
}
