/** A triple along the axes (z, y, x): a voxel index, a shape, a spacing in mm. The one axis order used in this code. */
export type Zyx = readonly [z: number, y: number, x: number];

/** The number of voxels of a grid of this shape. */
export function voxelCount(shape: Zyx): number {
  return shape[0] * shape[1] * shape[2];
}

/** Whether two triples are the same, number by number. */
export function sameZyx(a: Zyx, b: Zyx): boolean {
  return a[0] === b[0] && a[1] === b[1] && a[2] === b[2];
}
