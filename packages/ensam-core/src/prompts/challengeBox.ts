import type { Box, ChallengeBox } from "../geometry/index.ts";
import { type LabelMap, labelBoxes, type RandomStream } from "../voxels/index.ts";

/** The largest of the official generator's shifts; it draws a whole number from 0 to this for each box. */
export const largestShift = 5;

/**
 * The box prompt of one label, or undefined where no voxel carries it: on the middle one of the slices that hold the
 * label, its extent in x and y, enlarged by `shift` 256ths of the image on each side.
 *
 * Source: get_boxes.py of the challenge (since 2025-05-01).
 *
 * @param shift   0 to 5
 * @param within  the label's bounding box, if it is known already
 */
export function challengeBox(labels: LabelMap, label: number, shift: number, within?: Box): ChallengeBox | undefined {
  const box = within ?? labelBoxes(labels).get(label)?.box;
  if (box === undefined) return undefined;
  const [, height, width] = labels.shape;
  const slices: Extent2d[] = [];
  for (let z = box.min[0]; z < box.max[0]; z++) {
    const extent = sliceExtent(labels, label, z, box);
    if (extent !== undefined) slices.push(extent);
  }
  const middle = slices[Math.floor(slices.length / 2)];
  if (middle === undefined) return undefined;
  const dx = Math.trunc((shift * width) / 256);
  const dy = Math.trunc((shift * height) / 256);
  return {
    z_min: slices[0]!.z,
    z_max: slices[slices.length - 1]!.z,
    z_mid: middle.z,
    z_mid_x_min: Math.max(0, middle.xMin - dx),
    z_mid_y_min: Math.max(0, middle.yMin - dy),
    z_mid_x_max: Math.min(width - 1, middle.xMax + dx),
    z_mid_y_max: Math.min(height - 1, middle.yMax + dy),
  };
}

/** The box prompt of one label, its shift drawn as the official generator does; the label must have a voxel. */
export function drawChallengeBox(labels: LabelMap, label: number, within: Box, random: RandomStream): ChallengeBox {
  return challengeBox(labels, label, random.int(0, largestShift + 1), within)!;
}

/** The box prompts of all labels, in ascending order of the label. `shiftOf` gives each label's shift, 0 to 5. */
export function challengeBoxes(labels: LabelMap, shiftOf: (label: number) => number): Map<number, ChallengeBox> {
  const boxes = new Map<number, ChallengeBox>();
  for (const [label, { box }] of labelBoxes(labels)) {
    boxes.set(label, challengeBox(labels, label, shiftOf(label), box)!);
  }
  return boxes;
}

interface Extent2d {
  readonly z: number;
  readonly xMin: number;
  readonly xMax: number;
  readonly yMin: number;
  readonly yMax: number;
}

function sliceExtent(labels: LabelMap, label: number, z: number, box: Box): Extent2d | undefined {
  const [, height, width] = labels.shape;
  let [xMin, xMax, yMin, yMax] = [width, -1, height, -1];
  for (let y = box.min[1]; y < box.max[1]; y++) {
    const row = (z * height + y) * width;
    for (let x = box.min[2]; x < box.max[2]; x++) {
      if (labels.data[row + x] !== label) continue;
      if (x < xMin) xMin = x;
      if (x > xMax) xMax = x;
      if (yMax < 0) yMin = y;
      yMax = y;
    }
  }
  return xMax < 0 ? undefined : { z, xMin, xMax, yMin, yMax };
}
