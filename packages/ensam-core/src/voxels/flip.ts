import { type Grid, type VoxelArray, zerosLike } from "./grid.ts";

/** The grid mirrored along the chosen axes. */
export function flip<Data extends VoxelArray>(
  grid: Grid<Data>,
  axes: readonly [z: boolean, y: boolean, x: boolean],
): Grid<Data> {
  const [depth, height, width] = grid.shape;
  const data = zerosLike(grid.data, grid.data.length);
  for (let z = 0; z < depth; z++) {
    const fromZ = axes[0] ? depth - 1 - z : z;
    for (let y = 0; y < height; y++) {
      const fromY = axes[1] ? height - 1 - y : y;
      const from = (fromZ * height + fromY) * width;
      const to = (z * height + y) * width;
      const row = data.subarray(to, to + width);
      row.set(grid.data.subarray(from, from + width));
      if (axes[2]) row.reverse();
    }
  }
  return { data, shape: grid.shape };
}
