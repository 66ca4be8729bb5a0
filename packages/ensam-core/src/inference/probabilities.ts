import { type Grid, voxelCount } from "../voxels/index.ts";
import { logitRows } from "./logitRows.ts";
import type { View } from "./view.ts";

/**
 * The probability of an object at each voxel of the volume: the sigmoid of its logits, interpolated to the voxels; 0 outside of the crop.
 *
 * @param logits  [D, H, W] of `view.paddedShape`
 */
export function probabilitiesOf(view: View, logits: Float32Array): Grid<Float32Array> {
  const { crop, volumeShape } = view;
  const rows = logitRows(view, logits);
  const data = new Float32Array(voxelCount(volumeShape));
  const row = new Float64Array(crop.max[2] - crop.min[2]);
  for (let z = crop.min[0]; z < crop.max[0]; z++) {
    for (let y = crop.min[1]; y < crop.max[1]; y++) {
      rows.read(z, y, crop.min[2], crop.max[2], row);
      const start = (z * volumeShape[1] + y) * volumeShape[2] + crop.min[2];
      for (let x = 0; x < row.length; x++) data[start + x] = 1 / (1 + Math.exp(-row[x]!));
    }
  }
  return { data, shape: volumeShape };
}
