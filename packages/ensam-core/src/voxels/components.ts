import { type Box, boxShape, voxelCount } from "../geometry/index.ts";
import type { Grid, Mask } from "./grid.ts";
import { addRun, emptyExtent, extentBox } from "./labelBoxes.ts";
import { runComponents } from "./runComponents.ts";
import { maskRuns, type Runs } from "./runs.ts";

export interface Components {
  /** 0 outside, and 1, 2, ... in the components, numbered by their first voxel in C order. */
  readonly labels: Grid<Int32Array>;
  /** Voxels of each component; index 0 is component 1. */
  readonly sizes: number[];
}

/** The 26-connected components of a mask, in the order of connected-components-3d. */
export function components26(mask: Mask): Components {
  const runs = maskRuns(mask);
  const { component, sizes } = runComponents(runs);
  const [, height, width] = mask.shape;
  const labels = new Int32Array(mask.data.length);
  forEachRun(runs, (run, z, y, x, xEnd) => {
    const row = (z * height + y) * width;
    labels.fill(component[run]! + 1, row + x, row + xEnd);
  });
  return { labels: { data: labels, shape: mask.shape }, sizes };
}

export interface LargestComponent {
  /** Its bounding box in the grid it came from. */
  readonly box: Box;
  /** Its voxels, on the grid of the box. */
  readonly mask: Mask;
  readonly voxels: number;
}

/** The 26-connected component with most voxels, or undefined for no voxels; of equal ones the first in C order. */
export function largestComponent26(runs: Runs): LargestComponent | undefined {
  const { component, sizes } = runComponents(runs);
  if (sizes.length === 0) return undefined;
  let largest = 0;
  for (let i = 1; i < sizes.length; i++) if (sizes[i]! > sizes[largest]!) largest = i;
  const extent = emptyExtent();
  forEachRun(runs, (run, z, y, x, xEnd) => {
    if (component[run] === largest) addRun(extent, z, y, x, xEnd);
  });
  const box = extentBox(extent);
  const shape = boxShape(box);
  const data = new Uint8Array(voxelCount(shape));
  forEachRun(runs, (run, z, y, x, xEnd) => {
    if (component[run] !== largest) return;
    const to = ((z - box.min[0]) * shape[1] + y - box.min[1]) * shape[2] - box.min[2];
    data.fill(1, to + x, to + xEnd);
  });
  return { box, mask: { data, shape }, voxels: extent.voxels };
}

function forEachRun(
  { box, rowStart, start, end }: Runs,
  visit: (run: number, z: number, y: number, x: number, xEnd: number) => void,
): void {
  let row = 0;
  for (let z = box.min[0]; z < box.max[0]; z++) {
    for (let y = box.min[1]; y < box.max[1]; y++, row++) {
      for (let run = rowStart[row]!; run < rowStart[row + 1]!; run++) visit(run, z, y, start[run]!, end[run]!);
    }
  }
}
