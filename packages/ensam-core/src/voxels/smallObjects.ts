import { type Box, boxShape } from "../geometry/index.ts";
import type { LabelMap } from "./grid.ts";
import { labelBoxes } from "./labelBoxes.ts";
import { maskOf } from "./mask.ts";
import { runComponents } from "./runComponents.ts";
import { maskRuns } from "./runs.ts";

export interface SmallObjectLimits {
  /** 26-connected components with fewer voxels go. */
  readonly minVoxels: number;
  /** Then, slice by slice (z), 8-connected components with fewer pixels go. */
  readonly minPixels: number;
}

/**
 * The label map without the small pieces of each label, as the organisers' preparation removes them
 * (bowang-lab/MedSAM, pre_CT_MR.py: 1000 and 100, in its lighter version 100 and 10).
 */
export function removeSmallObjects<Labels extends LabelMap>(
  labels: Labels,
  { minVoxels, minPixels }: SmallObjectLimits,
): Labels {
  const kept = { ...labels, data: labels.data.slice() };
  for (const [label, { box }] of labelBoxes(labels)) {
    eraseSmall(kept, label, box, minVoxels);
    for (let z = box.min[0]; z < box.max[0]; z++) {
      const slice = { min: [z, box.min[1], box.min[2]], max: [z + 1, box.max[1], box.max[2]] } as const;
      eraseSmall(kept, label, slice, minPixels);
    }
  }
  return kept;
}

/** Sets to 0, inside the box, the components of a label that have fewer than `least` voxels there. */
function eraseSmall(labels: LabelMap, label: number, box: Box, least: number): void {
  if (least <= 1) return;
  const runs = maskRuns(maskOf(labels, label, box));
  const { start, end, rowStart } = runs;
  const { component, sizes } = runComponents(runs);
  const [depth, rows] = boxShape(box);
  const [, height, width] = labels.shape;
  for (let z = 0; z < depth; z++) {
    for (let y = 0; y < rows; y++) {
      const row = z * rows + y;
      const from = ((z + box.min[0]) * height + y + box.min[1]) * width + box.min[2];
      for (let run = rowStart[row]!; run < rowStart[row + 1]!; run++) {
        if (sizes[component[run]!]! < least) labels.data.fill(0, from + start[run]!, from + end[run]!);
      }
    }
  }
}
