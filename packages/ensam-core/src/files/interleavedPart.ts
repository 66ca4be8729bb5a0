import type { VoxelArray } from "../voxels/index.ts";

/** Of values along an axis of `count` whose neighbours lie `inner` apart, those at `index`, the others' order kept. */
export function interleavedPart(data: VoxelArray, inner: number, count: number, index: number): VoxelArray {
  if (count === 1) return data;
  const part = data.slice(0, data.length / count);
  for (let start = 0; start < part.length; start += inner) {
    const from = start * count + index * inner;
    for (let index = 0; index < inner; index++) part[start + index] = data[from + index]!;
  }
  return part;
}
