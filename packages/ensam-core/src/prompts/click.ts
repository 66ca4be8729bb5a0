import { type Click, sameZyx, type Zyx } from "../geometry/index.ts";
import { largestComponent26, type Mask, maskRuns, type Runs } from "../voxels/index.ts";
import { deepestVoxels } from "./deepestVoxels.ts";
import { officialChoice } from "./officialChoice.ts";

/**
 * The next click by the challenge's rule, or undefined where truth and prediction agree: the deepest voxel of the
 * largest 26-connected piece of the error. Which of several equally deep ones is {@link officialChoice}.
 *
 * Source: CVPR25_iter_eval.py of the challenge; the steps are those of its click generation.
 *
 * @param truth       the object, on the grid of the prediction
 * @param prediction  what the model made of it
 */
export function nextClick(truth: Mask, prediction: Mask): Click | undefined {
  const error = maskRuns(errorMask(truth, prediction));
  if (error.voxels === 0) return undefined;
  const at = deepestPoint(error);
  const [, height, width] = truth.shape;
  return { at, foreground: truth.data[(at[0] * height + at[1]) * width + at[2]] !== 0 };
}

/** Where a click goes in an error that has at least one voxel. */
export function deepestPoint(error: Runs): Zyx {
  const component = largestComponent26(error);
  if (component === undefined) throw new Error("deepestPoint: expected an error with voxels, got an empty one");
  const { box, mask } = component;
  const [, height, width] = mask.shape;
  const deepest = deepestVoxels(mask);
  const index = deepest.at(officialChoice(deepest.count));
  const x = index % width;
  const row = (index - x) / width;
  const y = row % height;
  return [(row - y) / height + box.min[0], y + box.min[1], x + box.min[2]];
}

function errorMask(truth: Mask, prediction: Mask): Mask {
  if (!sameZyx(truth.shape, prediction.shape)) {
    throw new Error(`nextClick: expected masks of one shape, got [${truth.shape}] and [${prediction.shape}]`);
  }
  const data = new Uint8Array(truth.data.length);
  for (let i = 0; i < data.length; i++) data[i] = truth.data[i] === prediction.data[i] ? 0 : 1;
  return { data, shape: truth.shape };
}
