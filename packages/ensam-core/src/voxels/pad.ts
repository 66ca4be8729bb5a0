import { sameZyx, voxelCount, type Zyx } from "../geometry/index.ts";
import { copyBlock } from "./crop.ts";
import { type Grid, type VoxelArray, zerosLike } from "./grid.ts";

/** The shape with every axis rounded up to a multiple. */
export function paddedShape(shape: Zyx, multiple = 8): Zyx {
  const up = (size: number) => Math.ceil(size / multiple) * multiple;
  return [up(shape[0]), up(shape[1]), up(shape[2])];
}

/** The grid with every axis filled up to a multiple at its high end; the grid itself where nothing is missing. */
export function padToMultiple<Data extends VoxelArray>(grid: Grid<Data>, multiple = 8, value = 0): Grid<Data> {
  const shape = paddedShape(grid.shape, multiple);
  if (sameZyx(shape, grid.shape)) return grid;
  const data = zerosLike(grid.data, voxelCount(shape));
  if (value !== 0) data.fill(value);
  copyBlock(grid, [0, 0, 0], { data, shape }, [0, 0, 0], grid.shape);
  return { data, shape };
}
