import { type Mask, maskRuns, type Runs, sameZyx, uniteBoxes, type Zyx } from "../voxels/index.ts";
import { surfaceOf } from "./surface.ts";
import { surfaceAreas } from "./surfaceArea.ts";
import { withinTolerance } from "./withinTolerance.ts";

/** The tolerance of the challenge's surface Dice, in mm. */
export const challengeTolerance = 2;

/**
 * Normalised surface Dice (NSD): the share of both surfaces' area that lies within the tolerance of the other surface,
 * 0 to 1. 0 where one mask is empty, NaN where both are.
 *
 * Source: protocol of the challenge (SurfaceDice.py), after DeepMind's surface-distance.
 *
 * @param a, b     masks of one shape
 * @param spacing  mm along (z, y, x)
 */
export function surfaceDice(a: Mask, b: Mask, spacing: Zyx, toleranceMm = challengeTolerance): number {
  if (!sameZyx(a.shape, b.shape)) throw new Error(`surfaceDice: expected one shape, got [${a.shape}] and [${b.shape}]`);
  return surfaceDiceOfRuns(maskRuns(a), maskRuns(b), spacing, toleranceMm);
}

/** {@link surfaceDice} of objects given as runs of one grid. */
export function surfaceDiceOfRuns(a: Runs, b: Runs, spacing: Zyx, toleranceMm: number): number {
  if (!spacing.every((step) => step > 0 && step < Infinity)) {
    throw new Error(`surfaceDice: spacing: expected 3 positive numbers, got [${spacing}]`);
  }
  if (!(toleranceMm >= 0)) throw new Error(`surfaceDice: tolerance: expected 0 mm or more, got ${toleranceMm}`);
  if (a.voxels === 0 || b.voxels === 0) return a.voxels === b.voxels ? Number.NaN : 0;
  const box = uniteBoxes(a.box, b.box);
  const surfaceA = surfaceOf(a, box);
  const surfaceB = surfaceOf(b, box);
  const areas = surfaceAreas(spacing);
  const nearA = area(withinTolerance(surfaceA, surfaceB, spacing, toleranceMm), areas);
  const nearB = area(withinTolerance(surfaceB, surfaceA, spacing, toleranceMm), areas);
  return (nearA + nearB) / (area(surfaceA.counts, areas) + area(surfaceB.counts, areas));
}

/** Counted by code before the areas are added: few additions, so the sum is good to the last digits. */
function area(counts: Uint32Array, areas: Float64Array): number {
  let sum = 0;
  for (let code = 0; code < 256; code++) sum += counts[code]! * areas[code]!;
  return sum;
}
