import type { Box } from "../voxels/index.ts";
import type { Sample } from "./sample/index.ts";

/** The part of a sample's grid that is not padding. */
export function contentBox(sample: Pick<Sample, "content">): Box {
  return { min: [0, 0, 0], max: sample.content };
}
