import { type Box, boxShape, voxelCount, type Zyx } from "../geometry/index.ts";
import { type Grid, type VoxelArray, zerosLike } from "./grid.ts";

/** A copy of the voxels inside a box; throws where the box is empty or leaves the grid. */
export function crop<Data extends VoxelArray>(grid: Grid<Data>, box: Box): Grid<Data> {
  const shape = boxShape(box);
  checkFits("crop", box.min, shape, grid.shape);
  const data = zerosLike(grid.data, voxelCount(shape));
  copyBlock(grid, box.min, { data, shape }, [0, 0, 0], shape);
  return { data, shape };
}

/** Writes `source` into `target` with its first voxel at `at`; throws where it would stick out. Changes `target`. */
export function pasteInto<Data extends VoxelArray>(target: Grid<Data>, source: Grid<Data>, at: Zyx): void {
  checkFits("pasteInto", at, source.shape, target.shape);
  copyBlock(source, [0, 0, 0], target, at, source.shape);
}

/** Copies a block of voxels from one grid into another, row by row. */
export function copyBlock(source: Grid, from: Zyx, target: Grid, to: Zyx, shape: Zyx): void {
  const [depth, height, width] = shape;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const read = ((z + from[0]) * source.shape[1] + y + from[1]) * source.shape[2] + from[2];
      const write = ((z + to[0]) * target.shape[1] + y + to[1]) * target.shape[2] + to[2];
      target.data.set(source.data.subarray(read, read + width), write);
    }
  }
}

function checkFits(where: string, at: Zyx, shape: Zyx, outer: Zyx): void {
  for (const axis of [0, 1, 2] as const) {
    if (shape[axis] < 1 || at[axis] < 0 || at[axis] + shape[axis] > outer[axis]) {
      throw new Error(`${where}: expected a box inside [${outer}], got [${shape}] voxels from [${at}]`);
    }
  }
}
