import type { VoxelArray } from "../../voxels/index.ts";

/**
 * A volume on even steps along z, from slices at uneven `depths` (in those steps, ascending from 0): each new slice is
 * interpolated linearly between its two neighbours. A slice that is there keeps its values to rounding.
 *
 * @param data  slices of `count` values each, at `depths`
 */
export function evenSlices(data: VoxelArray, count: number, depths: readonly number[]): Float32Array {
  const slices = Math.round(depths.at(-1)!) + 1;
  const even = new Float32Array(slices * count);
  for (let z = 0, low = 0; z < slices; z++) {
    while (low < depths.length - 2 && depths[low + 1]! <= z) low++;
    const part = Math.min(1, Math.max(0, (z - depths[low]!) / (depths[low + 1]! - depths[low]!)));
    const [below, above, to] = [low * count, (low + 1) * count, z * count];
    for (let pixel = 0; pixel < count; pixel++)
      even[to + pixel] = data[below + pixel]! * (1 - part) + data[above + pixel]! * part;
  }
  return even;
}
