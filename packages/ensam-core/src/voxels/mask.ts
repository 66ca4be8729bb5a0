import { type Box, boxShape, voxelCount, wholeBox } from "../geometry/index.ts";
import type { LabelMap, Mask } from "./grid.ts";

/**
 * Where a label map carries one label, inside a box.
 *
 * @param box  half-open, inside the map; the whole map by default
 * @returns    mask of the box's shape
 */
export function maskOf(labels: LabelMap, label: number, box: Box = wholeBox(labels.shape)): Mask {
  const shape = boxShape(box);
  const [depth, height, width] = shape;
  const { data } = labels;
  const mask = new Uint8Array(voxelCount(shape));
  let to = 0;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < height; y++) {
      const from = ((z + box.min[0]) * labels.shape[1] + y + box.min[1]) * labels.shape[2] + box.min[2];
      for (let x = 0; x < width; x++) mask[to++] = data[from + x] === label ? 1 : 0;
    }
  }
  return { data: mask, shape };
}

/** The number of voxels inside a mask. */
export function maskVoxels(mask: Mask): number {
  const { data } = mask;
  let count = 0;
  for (let i = 0; i < data.length; i++) count += data[i]!;
  return count;
}
