import type { Grid, VoxelArray, Zyx } from "@ensam/core/voxels";

/** Returns the slices (indices of axis z, ascending) that hold a label. */
export function labelledSlices({ data, shape }: Grid): number[] {
  const [depth, height, width] = shape;
  const size = height * width;
  return Array.from({ length: depth }, (_, z) => z).filter((z) => {
    for (let i = z * size; i < (z + 1) * size; i++) if (data[i] !== 0) return true;
    return false;
  });
}

/** Returns a grid of the given slices only, put together without gaps. */
export function keepSlices<Data extends VoxelArray>(
  { data, shape }: Grid<Data>,
  slices: readonly number[],
): Grid<Data> {
  const [, height, width] = shape;
  const size = height * width;
  const kept = new (data.constructor as new (length: number) => Data)(slices.length * size);
  for (const [position, z] of slices.entries()) kept.set(data.subarray(z * size, (z + 1) * size), position * size);
  return { data: kept, shape: [slices.length, height, width] as Zyx };
}
