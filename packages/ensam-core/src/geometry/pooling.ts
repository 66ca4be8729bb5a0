import { voxelCount, type Zyx } from "./zyx.ts";

/** Every axis of a grid that a model of four stages takes is a multiple of this: three halvings in the image encoder. */
export const gridMultiple = 8;

/** The largest grid of the paper before padding, in cells (ENSAM §3.2.3, table 2): 256 x 128 x 128. */
export const paperMaxVoxels = 4_194_304;

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

/** The shape with every axis rounded up to a multiple. */
export function paddedShape(shape: Zyx, multiple: number): Zyx {
  const up = (size: number) => Math.ceil(size / multiple) * multiple;
  return [up(shape[0]), up(shape[1]), up(shape[2])];
}
