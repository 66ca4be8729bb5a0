import { voxelCount, type Zyx } from "../geometry/index.ts";
import { type Grid, type VoxelArray, zerosLike } from "./grid.ts";

/**
 * By how much to pool along (z, y, x) until a grid has at most `maxVoxels` voxels: the two axes that are not the
 * smallest (of equal ones the first is spared) are halved, again and again. Powers of two.
 *
 * Source: the authors' inference code, which pools while the crop is over its budget.
 */
export function poolingFactors(shape: Zyx, maxVoxels: number): Zyx {
  if (!(maxVoxels >= 1)) throw new Error(`poolingFactors: expected a budget of 1 voxel or more, got ${maxVoxels}`);
  const factors: [number, number, number] = [1, 1, 1];
  for (let size = shape; voxelCount(size) > maxVoxels; size = pooledShape(shape, factors)) {
    const spared = size.indexOf(Math.min(...size));
    for (const axis of [0, 1, 2] as const) {
      if (axis !== spared && size[axis] > 1) factors[axis] *= 2;
    }
  }
  return factors;
}

/** The shape after pooling; a last block that is not full counts as one. */
export function pooledShape(shape: Zyx, factors: Zyx): Zyx {
  return [Math.ceil(shape[0] / factors[0]), Math.ceil(shape[1] / factors[1]), Math.ceil(shape[2] / factors[2])];
}

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
