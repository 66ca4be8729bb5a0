import { type LabelMap, voxelCount } from "../voxels/index.ts";
import { paddedCount, type View } from "./view.ts";

/** The logit of a cell that a mask fills, and of one that it leaves empty with the sign turned; measured in docs/measurements.md. */
export const maskCertainty = 4;

/**
 * A mask as the model's previous answer: on the grid of a view each cell's logit goes with the share of its voxels inside, from
 * -4 for none to 4 for all; padding counts as outside.
 *
 * @returns [D, H, W] of `view.paddedShape`
 */
export function maskLogits(view: View, { data, shape }: LabelMap, label: number): Float32Array {
  const { crop, factors, pooledShape, paddedShape } = view;
  const inside = new Float32Array(voxelCount(pooledShape));
  for (let z = crop.min[0]; z < crop.max[0]; z++) {
    const cz = Math.floor((z - crop.min[0]) / factors[0]);
    for (let y = crop.min[1]; y < crop.max[1]; y++) {
      const to = (cz * pooledShape[1] + Math.floor((y - crop.min[1]) / factors[1])) * pooledShape[2];
      const from = (z * shape[1] + y) * shape[2];
      for (let x = crop.min[2]; x < crop.max[2]; x++) {
        if (data[from + x] === label) inside[to + Math.floor((x - crop.min[2]) / factors[2])]! += 1;
      }
    }
  }
  const logits = new Float32Array(paddedCount(view)).fill(-maskCertainty);
  const size = (axis: 0 | 1 | 2, cell: number): number =>
    Math.min(factors[axis], crop.max[axis] - crop.min[axis] - cell * factors[axis]);
  for (let z = 0, i = 0; z < pooledShape[0]; z++) {
    for (let y = 0; y < pooledShape[1]; y++) {
      const row = (z * paddedShape[1] + y) * paddedShape[2];
      for (let x = 0; x < pooledShape[2]; x++, i++) {
        const share = inside[i]! / (size(0, z) * size(1, y) * size(2, x));
        logits[row + x] = maskCertainty * (2 * share - 1);
      }
    }
  }
  return logits;
}
