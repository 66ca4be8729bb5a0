import { type LabelMap, labelRuns, sameZyx, type Zyx } from "../voxels/index.ts";
import { diceOfCounts, sharedVoxels } from "./dice.ts";
import { challengeTolerance, surfaceDiceOfRuns } from "./surfaceDice.ts";

/** How well a prediction meets one object of the truth. */
export interface LabelScore {
  readonly label: number;
  /** Dice, 0 to 1. */
  readonly dsc: number;
  /** Surface Dice, 0 to 1. */
  readonly nsd: number;
}

/**
 * Dice and surface Dice of each label of the truth, ascending. Labels only the prediction has do not count.
 * One pass over each volume; the rest is done on the labels' own voxels.
 *
 * @param spacing      mm along (z, y, x)
 * @param toleranceMm  of the surface Dice
 */
export function scoreLabelMaps(
  truth: LabelMap,
  prediction: LabelMap,
  spacing: Zyx,
  toleranceMm = challengeTolerance,
): LabelScore[] {
  if (!sameZyx(truth.shape, prediction.shape)) {
    throw new Error(`scoreLabelMaps: expected one shape, got [${truth.shape}] and [${prediction.shape}]`);
  }
  const predicted = labelRuns(prediction);
  return [...labelRuns(truth)].map(([label, object]) => {
    const found = predicted.get(label);
    if (found === undefined) return { label, dsc: 0, nsd: 0 };
    const dsc = diceOfCounts(object.voxels, found.voxels, sharedVoxels(object, found));
    return { label, dsc, nsd: surfaceDiceOfRuns(object, found, spacing, toleranceMm) };
  });
}
