import type { Box } from "../geometry/index.ts";
import type { LabelMap } from "./grid.ts";
import { nextNonZero, wordsOf } from "./wordScan.ts";

export interface LabelExtent {
  readonly box: Box;
  /** How many voxels carry the label. */
  readonly voxels: number;
}

/** The bounding box and voxel count of every label but 0, in ascending order of the label; one pass over the volume. */
export function labelBoxes(labels: LabelMap): Map<number, LabelExtent> {
  const { data } = labels;
  const words = wordsOf(data);
  const [, height, width] = labels.shape;
  const extents = new Map<number, Extent>();
  let extent = emptyExtent();
  let known = 0;
  const n = data.length;
  for (let i = 0; i < n; ) {
    const label = data[i]!;
    if (label === 0) {
      i = nextNonZero(data, words, i);
      continue;
    }
    const row = (i / width) | 0;
    const rowEnd = (row + 1) * width;
    const start = i;
    do i++;
    while (i < rowEnd && data[i] === label);
    if (label !== known) {
      known = label;
      extent = extentOf(extents, label);
    }
    const z = (row / height) | 0;
    const x = start - row * width;
    addRun(extent, z, row - z * height, x, x + i - start);
  }
  return new Map([...extents].sort(([a], [b]) => a - b).map(([label, e]) => [label, finished(e)]));
}

/** A bounding box under construction; plain numbers, since it is written once for each run of voxels. */
export interface Extent {
  zMin: number;
  zMax: number;
  yMin: number;
  yMax: number;
  xMin: number;
  xMax: number;
  voxels: number;
}

export function emptyExtent(): Extent {
  const far = Number.MAX_SAFE_INTEGER;
  return { zMin: far, zMax: -1, yMin: far, yMax: -1, xMin: far, xMax: -1, voxels: 0 };
}

/** Takes in the voxels x (inclusive) to xEnd (exclusive) of row (z, y). */
export function addRun(extent: Extent, z: number, y: number, x: number, xEnd: number): void {
  if (z < extent.zMin) extent.zMin = z;
  if (z > extent.zMax) extent.zMax = z;
  if (y < extent.yMin) extent.yMin = y;
  if (y > extent.yMax) extent.yMax = y;
  if (x < extent.xMin) extent.xMin = x;
  if (xEnd > extent.xMax) extent.xMax = xEnd;
  extent.voxels += xEnd - x;
}

export function extentBox(extent: Extent): Box {
  return { min: [extent.zMin, extent.yMin, extent.xMin], max: [extent.zMax + 1, extent.yMax + 1, extent.xMax] };
}

function extentOf(extents: Map<number, Extent>, label: number): Extent {
  let extent = extents.get(label);
  if (extent === undefined) {
    extent = emptyExtent();
    extents.set(label, extent);
  }
  return extent;
}

function finished(extent: Extent): LabelExtent {
  return { box: extentBox(extent), voxels: extent.voxels };
}
