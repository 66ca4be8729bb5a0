import type { Click } from "../geometry/index.ts";
import { type LabelMap, labelBoxes, labelErrorRuns, type Runs } from "../voxels/index.ts";
import { deepestPoint } from "./click.ts";

/**
 * The next click of each label by the challenge's rule, undefined where truth and prediction agree on it. The same as
 * `nextClick` on each label's masks, but one pass over both volumes for all labels together.
 *
 * @param labels  by default those of the truth, ascending; the order of the result
 */
export function nextClicks(
  truth: LabelMap,
  prediction: LabelMap,
  labels: readonly number[] = [...labelBoxes(truth).keys()],
): Map<number, Click | undefined> {
  const errors = labelErrorRuns(truth, prediction);
  return new Map(labels.map((label) => [label, clickIn(errors.get(label), truth, label)]));
}

function clickIn(error: Runs | undefined, truth: LabelMap, label: number): Click | undefined {
  if (error === undefined) return undefined;
  const at = deepestPoint(error);
  const [, height, width] = truth.shape;
  return { at, foreground: truth.data[(at[0] * height + at[1]) * width + at[2]] === label };
}
