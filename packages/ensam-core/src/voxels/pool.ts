import { pooledShape, voxelCount, type Zyx } from "../geometry/index.ts";
import { type Grid, type VoxelArray, zerosLike } from "./grid.ts";

/** The largest value of each block of `factors` voxels; blocks at the high ends may be smaller. */
export function maxPool<Data extends VoxelArray>(grid: Grid<Data>, factors: Zyx): Grid<Data> {
  const shape = pooledShape(grid.shape, factors);
  const [depth, height, width] = grid.shape;
  const source = grid.data;
  const data = zerosLike(source, voxelCount(shape));
  const [fz, fy, fx] = factors;
  let to = 0;
  for (let z = 0; z < shape[0]; z++) {
    const zEnd = Math.min(depth, (z + 1) * fz);
    for (let y = 0; y < shape[1]; y++) {
      const yEnd = Math.min(height, (y + 1) * fy);
      for (let x = 0; x < shape[2]; x++) {
        const xEnd = Math.min(width, (x + 1) * fx);
        let largest = -Infinity;
        for (let k = z * fz; k < zEnd; k++) {
          for (let j = y * fy; j < yEnd; j++) {
            const row = (k * height + j) * width;
            for (let i = x * fx; i < xEnd; i++) {
              const value = source[row + i]!;
              if (value > largest) largest = value;
            }
          }
        }
        data[to++] = largest;
      }
    }
  }
  return { data, shape };
}
