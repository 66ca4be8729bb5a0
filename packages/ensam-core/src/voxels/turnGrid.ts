import { type AxisTurn, isNoTurn, turnZyx, voxelCount } from "../geometry/index.ts";
import { type Grid, type VoxelArray, zerosLike } from "./grid.ts";

/** The grid with its axes in another order and sense, every voxel once; the grid itself where nothing changes. */
export function turnGrid<Data extends VoxelArray>(grid: Grid<Data>, turn: AxisTurn): Grid<Data> {
  if (isNoTurn(turn)) return grid;
  const shape = turnZyx(turn, grid.shape);
  const strides = [grid.shape[1] * grid.shape[2], grid.shape[2], 1] as const;
  // Along each turned axis: where it begins in the source, and by how much a step moves there.
  const step = turn.order.map((axis, i) => (turn.flips[i] ? -strides[axis] : strides[axis])) as [
    number,
    number,
    number,
  ];
  const first = turn.order.reduce<number>(
    (sum, axis, i) => sum + (turn.flips[i] ? strides[axis] * (grid.shape[axis] - 1) : 0),
    0,
  );
  const { data: source } = grid;
  const data = zerosLike(source, voxelCount(shape));
  let to = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      let from = first + z * step[0] + y * step[1];
      for (let x = 0; x < shape[2]; x++, from += step[2]) data[to++] = source[from]!;
    }
  }
  return { data, shape };
}
