import type { Zyx } from "./zyx.ts";

/** A box of voxels, half-open: `min` is inside, `max` is one past the last voxel along each axis. */
export interface Box {
  readonly min: Zyx;
  readonly max: Zyx;
}

/** The box that holds every voxel of a grid of this shape. */
export function wholeBox(shape: Zyx): Box {
  return { min: [0, 0, 0], max: shape };
}

/** The size of a box in voxels along (z, y, x). */
export function boxShape(box: Box): Zyx {
  return [box.max[0] - box.min[0], box.max[1] - box.min[1], box.max[2] - box.min[2]];
}

/** Whether a box holds a voxel. */
export function isInside({ min, max }: Box, voxel: Zyx): boolean {
  return voxel.every((index, axis) => index >= min[axis]! && index < max[axis]!);
}

/** The last voxel inside of a box. */
export function lastVoxel({ max }: Box): Zyx {
  return [max[0] - 1, max[1] - 1, max[2] - 1];
}

/** The voxels two boxes share, or undefined where they share none. */
export function intersectBoxes(a: Box, b: Box): Box | undefined {
  const min: Zyx = [Math.max(a.min[0], b.min[0]), Math.max(a.min[1], b.min[1]), Math.max(a.min[2], b.min[2])];
  const max: Zyx = [Math.min(a.max[0], b.max[0]), Math.min(a.max[1], b.max[1]), Math.min(a.max[2], b.max[2])];
  return min[0] < max[0] && min[1] < max[1] && min[2] < max[2] ? { min, max } : undefined;
}

/** The smallest box that holds both. */
export function uniteBoxes(a: Box, b: Box): Box {
  return {
    min: [Math.min(a.min[0], b.min[0]), Math.min(a.min[1], b.min[1]), Math.min(a.min[2], b.min[2])],
    max: [Math.max(a.max[0], b.max[0]), Math.max(a.max[1], b.max[1]), Math.max(a.max[2], b.max[2])],
  };
}

/** How many voxels to add to a box below and above, along (z, y, x). */
export interface Margins {
  readonly low: Zyx;
  readonly high: Zyx;
}

/**
 * The box enlarged on each side and cut to the grid.
 *
 * @param margins  voxels to add: one number for all six sides, or its own number for each
 * @param shape    of the grid the box lies in
 */
export function growBox(box: Box, margins: number | Margins, shape: Zyx): Box {
  const { low, high } =
    typeof margins === "number"
      ? { low: [margins, margins, margins] as const, high: [margins, margins, margins] as const }
      : margins;
  return {
    min: [Math.max(0, box.min[0] - low[0]), Math.max(0, box.min[1] - low[1]), Math.max(0, box.min[2] - low[2])],
    max: [
      Math.min(shape[0], box.max[0] + high[0]),
      Math.min(shape[1], box.max[1] + high[1]),
      Math.min(shape[2], box.max[2] + high[2]),
    ],
  };
}
