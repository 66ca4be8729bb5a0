import type { Zyx } from "./displayGrid.ts";

/** A box being drawn: stored grid, half-open. */
export interface BoxDraft {
  readonly min: Zyx;
  readonly max: Zyx;
}

/**
 * The box over a rectangle drawn in one plane. It has as much depth as the mean of the rectangle's sides in mm, around
 * the slice it was drawn on: objects are about as deep as they are wide, and the depth can be drawn in another plane.
 *
 * @param a, b    opposite voxels, both inside
 * @param normal  the stored axis across the plane
 */
export function draftOver(a: Zyx, b: Zyx, normal: 0 | 1 | 2, spacing: Zyx, shape: Zyx): BoxDraft {
  const flat = rectangle(a, b);
  const sides = ([0, 1, 2] as const).filter((axis) => axis !== normal);
  const mean = sides.reduce<number>((sum, axis) => sum + (flat.max[axis] - flat.min[axis]) * spacing[axis], 0) / 2;
  const half = Math.floor(Math.max(1, Math.round(mean / spacing[normal])) / 2);
  return withAxis(flat, normal, a[normal] - half, a[normal] + half + 1, shape);
}

/** The draft with the depth, along `normal` of its first plane, of a rectangle drawn in another plane. */
export function draftWithDepth(draft: BoxDraft, a: Zyx, b: Zyx, normal: 0 | 1 | 2, shape: Zyx): BoxDraft {
  const other = rectangle(a, b);
  return withAxis(draft, normal, other.min[normal], other.max[normal], shape);
}

/** A face of the box. */
export interface Face {
  readonly axis: 0 | 1 | 2;
  readonly isMax: boolean;
}

/** The draft with one face moved to a voxel, at least one voxel away from the opposite face. */
export function moveFace(draft: BoxDraft, { axis, isMax }: Face, to: number, shape: Zyx): BoxDraft {
  const low = isMax ? draft.min[axis] : Math.min(to, draft.max[axis] - 1);
  const high = isMax ? Math.max(to + 1, draft.min[axis] + 1) : draft.max[axis];
  return withAxis(draft, axis, low, high, shape);
}

function rectangle(a: Zyx, b: Zyx): BoxDraft {
  const min = a.map((value, axis) => Math.min(value, b[axis]!)) as unknown as Zyx;
  const max = a.map((value, axis) => Math.max(value, b[axis]!) + 1) as unknown as Zyx;
  return { min, max };
}

function withAxis({ min, max }: BoxDraft, axis: 0 | 1 | 2, low: number, high: number, shape: Zyx): BoxDraft {
  return {
    min: min.with(axis, Math.max(0, low)) as unknown as Zyx,
    max: max.with(axis, Math.min(shape[axis], high)) as unknown as Zyx,
  };
}
