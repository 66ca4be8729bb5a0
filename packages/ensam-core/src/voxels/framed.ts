import { type Frame, gridMultiple, inverseTurn, turnBox, turnZyx } from "../geometry/index.ts";
import { crop } from "./crop.ts";
import { flip } from "./flip.ts";
import type { Grid, LabelMap, Mask, VoxelArray } from "./grid.ts";
import { maskOf } from "./mask.ts";
import { padToMultiple } from "./pad.ts";
import { maxPool } from "./pool.ts";
import { turnGrid } from "./turnGrid.ts";
import { unitIntensities } from "./unitIntensities.ts";

/**
 * An 8-bit image as the model sees it through a frame: values divided by 255, so 0 stays 0 and 255 is 1; padding is 0.
 * (The authors' inference code instead stretches the positive voxels of each crop to [0, 1]; then a model would see
 * other intensities than it was trained on.)
 *
 * @returns  [D, H, W] of `frame.shape`
 */
export function imageToGrid(image: Grid<Uint8Array>, frame: Frame): Grid<Float32Array> {
  const { data, shape } = toGrid(crop(image, storedCrop(frame)), frame);
  return { data: unitIntensities(data), shape };
}

/** One label's mask through a frame: a cell is inside where one of its voxels is. */
export function maskToGrid(labels: LabelMap, label: number, frame: Frame): Mask {
  return toGrid(maskOf(labels, label, storedCrop(frame)), frame);
}

/** The crop in voxels of the image as it is stored. */
function storedCrop({ turn, imageShape, crop }: Frame) {
  return turnBox(inverseTurn(turn), turnZyx(turn, imageShape), crop);
}

function toGrid<Data extends VoxelArray>(cropped: Grid<Data>, { turn, pooling, flips, multiple }: Frame): Grid<Data> {
  const pooled = maxPool(turnGrid(cropped, turn), pooling);
  return padToMultiple(flips.includes(true) ? flip(pooled, flips) : pooled, multiple ?? gridMultiple);
}
