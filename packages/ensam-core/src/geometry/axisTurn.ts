import type { Affine } from "./affine.ts";
import type { Box } from "./box.ts";
import { nearestAxes } from "./nearestAxes.ts";
import type { Zyx } from "./zyx.ts";

type Axis = 0 | 1 | 2;

/**
 * A grid's axes in another order and sense, voxel for voxel: one of 48. Axis `i` of the turned grid is axis `order[i]`
 * of the stored one, run backwards where `flips[i]`. Axes are array axes, 0 = z.
 */
export interface AxisTurn {
  readonly order: readonly [Axis, Axis, Axis];
  readonly flips: readonly [boolean, boolean, boolean];
}

/** Leaves a grid as it is. */
export const noTurn: AxisTurn = { order: [0, 1, 2], flips: [false, false, false] };

/** All 48 turns, that which changes nothing first. */
export const allTurns: readonly AxisTurn[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
].flatMap((order) =>
  [0, 1, 2, 3, 4, 5, 6, 7].map((bits): AxisTurn => {
    const flips = [(bits & 4) !== 0, (bits & 2) !== 0, (bits & 1) !== 0] as const;
    return { order: order as unknown as AxisTurn["order"], flips };
  }),
);

export function isNoTurn({ order, flips }: AxisTurn): boolean {
  return order.every((axis, i) => axis === i) && !flips.some(Boolean);
}

/** The turn after which x runs to the left, y to the back and z up, each as nearly as may be (see `nearestAxes`). */
export function turnToLps(affine: Affine): AxisTurn {
  const axes = nearestAxes(affine);
  const place = (world: Axis) => axes.findIndex((axis) => axis.world === world);
  const [left, posterior, superior] = [place(0), place(1), place(2)];
  // x, y, z are the array axes 2, 1, 0.
  return {
    order: [2 - superior, 2 - posterior, 2 - left] as unknown as AxisTurn["order"],
    flips: [!axes[superior]!.isPositive, axes[posterior]!.isPositive, axes[left]!.isPositive],
  };
}

export function isSameTurn(a: AxisTurn, b: AxisTurn): boolean {
  return a.order.every((axis, i) => axis === b.order[i] && a.flips[i] === b.flips[i]);
}

/** The letters of RLAPSI along which x, y and z ran before a turn made them L, P and S: "RAS" for an image in RAS. */
export function axesBefore({ order, flips }: AxisTurn): string {
  const codes = ["", "", ""];
  // x, y, z are the array axes 2, 1, 0; the turned ones run up, to the back and to the left.
  for (const [i, [along, against]] of ["SI", "PA", "LR"].entries())
    codes[2 - order[i]!] = (flips[i] ? against : along)!;
  return codes.join("");
}

/** The turn that undoes another. */
export function inverseTurn({ order, flips }: AxisTurn): AxisTurn {
  const from = ([0, 1, 2] as const).map((axis) => order.indexOf(axis) as Axis);
  return {
    order: from as unknown as AxisTurn["order"],
    flips: from.map((i) => flips[i]) as unknown as AxisTurn["flips"],
  };
}

/** A shape, a spacing or any other triple without a sense, on the turned grid. */
export function turnZyx({ order }: AxisTurn, value: Zyx): Zyx {
  return [value[order[0]], value[order[1]], value[order[2]]];
}

/** Where a voxel of a grid of this shape lies on the turned grid; the index may be fractional. */
export function turnVoxel({ order, flips }: AxisTurn, shape: Zyx, voxel: Zyx): Zyx {
  const along = (i: Axis) => (flips[i] ? shape[order[i]] - 1 - voxel[order[i]] : voxel[order[i]]);
  return [along(0), along(1), along(2)];
}

/** The same voxels on the turned grid; half-open as before. */
export function turnBox({ order, flips }: AxisTurn, shape: Zyx, { min, max }: Box): Box {
  const low = (i: Axis) => (flips[i] ? shape[order[i]] - max[order[i]] : min[order[i]]);
  const high = (i: Axis) => (flips[i] ? shape[order[i]] - min[order[i]] : max[order[i]]);
  return { min: [low(0), low(1), low(2)], max: [high(0), high(1), high(2)] };
}

/** The affine of the turned grid: every voxel stays where it is. */
export function turnAffine({ order, flips }: AxisTurn, shape: Zyx, affine: Affine): Affine {
  const turned = [...affine];
  for (const row of [0, 4, 8]) {
    for (const i of [0, 1, 2] as const) {
      // Column 2 - axis holds the step of an array axis, column 3 the origin.
      const step = affine[row + 2 - order[i]]!;
      turned[row + 2 - i] = flips[i] ? -step + 0 : step;
      if (flips[i]) turned[row + 3] = turned[row + 3]! + step * (shape[order[i]] - 1);
    }
  }
  return turned;
}
