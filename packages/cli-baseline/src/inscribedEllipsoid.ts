import { boxShape, voxelCount } from "@ensam/core/voxels";
import type { Answer, KnownObject } from "./prompts.ts";

/** The voxels whose centres lie in the largest ellipsoid inside of the box; deeper ones have higher scores. */
export function inscribedEllipsoid({ box }: KnownObject): Answer {
  const shape = boxShape(box);
  const scores = new Float32Array(voxelCount(shape));
  let index = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, index++) {
        scores[index] = 1 - squared(z, shape[0]) - squared(y, shape[1]) - squared(x, shape[2]);
      }
    }
  }
  return { box, scores };
}

/** The square of a voxel centre's distance from the middle of `size` voxels, in half sizes. */
function squared(index: number, size: number): number {
  return ((2 * index + 1 - size) / size) ** 2;
}
