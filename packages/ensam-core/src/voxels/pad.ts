import { paddedShape, sameZyx, voxelCount } from "../geometry/index.ts";
import { copyBlock } from "./crop.ts";
import { type Grid, type VoxelArray, zerosLike } from "./grid.ts";

/** The grid with every axis filled up to a multiple at its high end; the grid itself where nothing is missing. */
export function padToMultiple<Data extends VoxelArray>(grid: Grid<Data>, multiple: number, value = 0): Grid<Data> {
  const shape = paddedShape(grid.shape, multiple);
  if (sameZyx(shape, grid.shape)) return grid;
  const data = zerosLike(grid.data, voxelCount(shape));
  if (value !== 0) data.fill(value);
  copyBlock(grid, [0, 0, 0], { data, shape }, [0, 0, 0], grid.shape);
  return { data, shape };
}
