import { boxShape, voxelCount } from "@ensam/core/voxels";
import type { Answer, KnownObject } from "./prompts.ts";

/** Every voxel of the box. Where boxes overlap, the smaller one wins. */
export function filledBox({ box }: KnownObject): Answer {
  const voxels = voxelCount(boxShape(box));
  return { box, scores: new Float32Array(voxels).fill(1 / voxels) };
}
