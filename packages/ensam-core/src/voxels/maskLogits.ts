import { boxShape, type Frame, inverseTurn, turnBox, turnZyx, voxelCount } from "../geometry/index.ts";
import type { LabelMap } from "./grid.ts";
import { maskOf } from "./mask.ts";
import { turnGrid } from "./turnGrid.ts";

/**
 * The logit of a cell that a mask fills, and of one that it leaves empty with the sign turned; measured in
 * docs/measurements.md.
 */
export const maskCertainty = 4;

/**
 * A mask as the model's previous answer: each cell's logit goes with the share of its voxels inside, from -4 for none
 * to 4 for all; padding counts as outside.
 *
 * @param labels  of the whole image, as it is stored
 * @param frame   not mirrored
 * @returns       [D, H, W] of `frame.shape`
 */
export function maskLogits(frame: Frame, labels: LabelMap, label: number): Float32Array {
  const { crop, pooling, content, shape, turn, imageShape, flips } = frame;
  if (flips.includes(true)) throw new Error("maskLogits: expected a frame that is not mirrored");
  const stored = turnBox(inverseTurn(turn), turnZyx(turn, imageShape), crop);
  const { data: mask } = turnGrid(maskOf(labels, label, stored), turn);
  const [depth, height, width] = boxShape(crop);
  const inside = new Float32Array(voxelCount(content));
  for (let z = 0, i = 0; z < depth; z++) {
    const cz = Math.floor(z / pooling[0]);
    for (let y = 0; y < height; y++) {
      const row = (cz * content[1] + Math.floor(y / pooling[1])) * content[2];
      for (let x = 0; x < width; x++, i++) inside[row + Math.floor(x / pooling[2])]! += mask[i]!;
    }
  }
  const logits = new Float32Array(voxelCount(shape)).fill(-maskCertainty);
  const voxels = [depth, height, width] as const;
  const size = (axis: 0 | 1 | 2, cell: number) => Math.min(pooling[axis], voxels[axis] - cell * pooling[axis]);
  for (let z = 0, i = 0; z < content[0]; z++) {
    for (let y = 0; y < content[1]; y++) {
      const row = (z * shape[1] + y) * shape[2];
      for (let x = 0; x < content[2]; x++, i++) {
        const share = inside[i]! / (size(0, z) * size(1, y) * size(2, x));
        logits[row + x] = maskCertainty * (2 * share - 1);
      }
    }
  }
  return logits;
}
