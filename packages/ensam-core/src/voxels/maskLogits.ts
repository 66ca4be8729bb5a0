import { type Frame, inverseTurn, turnBox, turnZyx, voxelCount } from "../geometry/index.ts";
import { flip } from "./flip.ts";
import type { LabelMap } from "./grid.ts";
import { maskOf } from "./mask.ts";
import { turnGrid } from "./turnGrid.ts";

/** The logit of a cell that a mask fills, and of one that it leaves empty with the sign turned; measured in docs/measurements.md. */
export const maskCertainty = 4;

/**
 * A mask as the model's previous answer: on the grid of a frame each cell's logit goes with the share of its voxels
 * inside, from -4 for none to 4 for all; padding counts as outside.
 *
 * @param labels  on the image's grid, as stored
 * @returns       [D, H, W] of `frame.shape`
 */
export function maskLogits(frame: Frame, labels: LabelMap, label: number): Float32Array {
  const { turn, imageShape, crop, pooling, content, flips, shape } = frame;
  const stored = turnBox(inverseTurn(turn), turnZyx(turn, imageShape), crop);
  const mask = turnGrid(maskOf(labels, label, stored), turn);
  const inside = new Float32Array(voxelCount(content));
  const [depth, height, width] = mask.shape;
  for (let z = 0, i = 0; z < depth; z++) {
    const slice = Math.floor(z / pooling[0]) * content[1];
    for (let y = 0; y < height; y++) {
      const row = (slice + Math.floor(y / pooling[1])) * content[2];
      for (let x = 0; x < width; x++, i++) inside[row + Math.floor(x / pooling[2])]! += mask.data[i]!;
    }
  }
  // A last cell that is not full has fewer voxels.
  const size = (axis: 0 | 1 | 2, cell: number): number =>
    Math.min(pooling[axis], mask.shape[axis] - cell * pooling[axis]);
  for (let z = 0, i = 0; z < content[0]; z++) {
    for (let y = 0; y < content[1]; y++) {
      for (let x = 0; x < content[2]; x++, i++) {
        const share = inside[i]! / (size(0, z) * size(1, y) * size(2, x));
        inside[i] = maskCertainty * (2 * share - 1);
      }
    }
  }
  const cells = flips.includes(true) ? flip({ data: inside, shape: content }, flips) : { data: inside, shape: content };
  const logits = new Float32Array(voxelCount(shape)).fill(-maskCertainty);
  for (let z = 0; z < content[0]; z++) {
    for (let y = 0; y < content[1]; y++) {
      const from = (z * content[1] + y) * content[2];
      logits.set(cells.data.subarray(from, from + content[2]), (z * shape[1] + y) * shape[2]);
    }
  }
  return logits;
}
