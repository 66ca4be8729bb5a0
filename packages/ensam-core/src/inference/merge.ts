import { type Box, intersectBoxes, type LabelMap, uniteBoxes, voxelCount, type Zyx } from "../voxels/index.ts";
import { type LogitRows, logitRows } from "./logitRows.ts";
import type { View } from "./view.ts";

/** One object's answer of the model, on the padded grid. */
export interface ObjectLogits {
  readonly label: number;
  /** [D, H, W] of `view.paddedShape`, C order. */
  readonly logits: Float32Array;
  /** Where the object is looked for if the model finds no voxel of it, half-open volume voxels; absent: nowhere. */
  readonly fallback?: Box;
}

export interface Merged {
  readonly labels: LabelMap;
  /** Labels whose voxels come from the search in their boxes: the model itself saw nothing there. */
  readonly rescued: readonly number[];
  /** Labels without any voxel. */
  readonly lost: readonly number[];
}

/** Rounds of the search for a lost object: its logits rise by 1, 2, 4, ... 512. */
export const rescueRounds = 10;

/**
 * The label map of several objects (paper 2.6): each voxel gets the object with the largest probability if that is over
 * one half, else background; at equal probability the first object. Logits are compared, which is the same order as
 * their sigmoids and does not saturate. An object that is left without any voxel has 2^k added to its logits inside its
 * box, k = 0, 1, ... 9, until every object is present.
 *
 * Logits stay on the coarse grid: they are interpolated row by row, and only where an object can be positive, so the
 * memory beside the result is a few rows.
 *
 * @returns the whole volume's label map (background outside of the crop), and which labels had to be searched
 */
export function mergeObjects(view: View, objects: readonly ObjectLogits[]): Merged {
  const sources = objects.map((object) => sourceOf(view, object));
  const labels = emptyLabels(view.volumeShape, Math.max(0, ...objects.map((object) => object.label)));
  paint(sources, unionOf(sources.map((source) => source.positive)), labels);
  for (let round = 0; round < rescueRounds; round++) {
    const lost = sources.filter((source) => source.voxels === 0 && source.inBox !== undefined);
    if (lost.length === 0) break;
    for (const source of lost) source.boost += 2 ** round;
    paint(sources, unionOf(lost.map((source) => source.inBox)), labels);
  }
  return {
    labels,
    rescued: sources.filter((source) => source.voxels > 0 && source.boost > 0).map((source) => source.label),
    lost: sources.filter((source) => source.voxels === 0).map((source) => source.label),
  };
}

/** A label map without objects, in the smallest type that holds `largest`: uint8, uint16 or int32. */
export function emptyLabels(shape: Zyx, largest: number): LabelMap {
  const count = voxelCount(shape);
  if (largest <= 0xff) return { data: new Uint8Array(count), shape };
  if (largest <= 0xffff) return { data: new Uint16Array(count), shape };
  return { data: new Int32Array(count), shape };
}

interface Source {
  readonly label: number;
  readonly rows: LogitRows;
  /** Where the logits can be above zero without help. */
  readonly positive: Box | undefined;
  /** Its fallback inside the crop. */
  readonly inBox: Box | undefined;
  /** Added inside `inBox`. */
  boost: number;
  /** Voxels it has in the label map. */
  voxels: number;
}

function sourceOf(view: View, object: ObjectLogits): Source {
  const rows = logitRows(view, object.logits);
  const inBox = object.fallback === undefined ? undefined : intersectBoxes(object.fallback, view.crop);
  return { label: object.label, rows, positive: rows.positive, inBox, boost: 0, voxels: 0 };
}

/** Decides every voxel of the region anew, and keeps each object's voxel count. */
function paint(sources: readonly Source[], region: Box | undefined, labels: LabelMap): void {
  if (region === undefined) return;
  const [, height, width] = labels.shape;
  const left = region.min[2];
  const length = region.max[2] - left;
  const row: Row = { best: new Float64Array(length), owner: new Int32Array(length), values: new Float64Array(length) };
  const byLabel = new Map(sources.map((source) => [source.label, source]));
  for (let z = region.min[0]; z < region.max[0]; z++) {
    for (let y = region.min[1]; y < region.max[1]; y++) {
      row.best.fill(0);
      row.owner.fill(-1);
      for (let index = 0; index < sources.length; index++) compete(sources[index]!, index, z, y, region, row);
      const start = (z * height + y) * width + left;
      for (let x = 0; x < length; x++) {
        const before = labels.data[start + x]!;
        const owner = row.owner[x]!;
        const after = owner < 0 ? 0 : sources[owner]!.label;
        if (after === before) continue;
        if (before !== 0) byLabel.get(before)!.voxels -= 1;
        if (owner >= 0) sources[owner]!.voxels += 1;
        labels.data[start + x] = after;
      }
    }
  }
}

interface Row {
  readonly best: Float64Array;
  readonly owner: Int32Array;
  readonly values: Float64Array;
}

/** Lets one object take the voxels of a row where its logit is above zero and above all earlier ones. */
function compete(source: Source, index: number, z: number, y: number, region: Box, row: Row): void {
  const boosted = source.boost > 0 && source.inBox !== undefined && holdsRow(source.inBox, z, y);
  const positive = source.positive !== undefined && holdsRow(source.positive, z, y) ? source.positive : undefined;
  const box = boosted ? source.inBox! : undefined;
  if (positive === undefined && box === undefined) return;
  const left = region.min[2];
  const from = Math.max(left, Math.min(positive?.min[2] ?? Infinity, box?.min[2] ?? Infinity));
  const to = Math.min(region.max[2], Math.max(positive?.max[2] ?? 0, box?.max[2] ?? 0));
  if (to <= from) return;
  source.rows.read(z, y, from, to, row.values);
  if (box !== undefined) {
    const last = Math.min(to, box.max[2]);
    for (let x = Math.max(from, box.min[2]); x < last; x++) row.values[x - from]! += source.boost;
  }
  for (let x = from; x < to; x++) {
    const value = row.values[x - from]!;
    if (value > row.best[x - left]!) {
      row.best[x - left] = value;
      row.owner[x - left] = index;
    }
  }
}

function holdsRow(box: Box, z: number, y: number): boolean {
  return z >= box.min[0] && z < box.max[0] && y >= box.min[1] && y < box.max[1];
}

function unionOf(boxes: readonly (Box | undefined)[]): Box | undefined {
  return boxes.reduce((a, b) => (a === undefined || b === undefined ? (a ?? b) : uniteBoxes(a, b)), undefined);
}
