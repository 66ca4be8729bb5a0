import { type Box, type Frame, intersectBoxes, inverseTurn, turnZyx, uniteBoxes } from "../geometry/index.ts";
import { emptyLabels, type LabelMap, type LogitRows, logitRows, turnGrid } from "../voxels/index.ts";

/** One object's answer of the model, on the padded grid. */
export interface ObjectLogits {
  readonly label: number;
  /** [D, H, W] of `frame.shape`, C order. */
  readonly logits: Float32Array;
  /** Of these logits; all have the same turn and image. */
  readonly frame: Frame;
  /** Where the object is looked for if the model finds no voxel of it, half-open voxels of the turned image; absent: nowhere. */
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
 * The label map of several objects (ENSAM §2.6): each voxel gets the object with the largest probability if that is
 * over one half, else background; at equal probability the first object. Logits are compared, which is the same order
 * as their sigmoids and does not saturate. An object that is left without any voxel has 2^k added to its logits inside
 * its box, k = 0, 1, ... 9, until every object is present.
 *
 * Logits stay on the coarse grid: they are interpolated row by row, and only where an object can be positive, so the
 * memory beside the result is a few rows.
 *
 * @returns the whole image's label map, as stored (background outside of the crop), and which labels had to be searched
 */
export function mergeObjects(
  { turn, imageShape }: Pick<Frame, "turn" | "imageShape">,
  objects: readonly ObjectLogits[],
): Merged {
  const sources = objects.map(sourceOf);
  const labels = emptyLabels(turnZyx(turn, imageShape), Math.max(0, ...objects.map((object) => object.label)));
  paint(sources, unionOf(sources.map((source) => source.positive)), labels);
  rescue(sources, labels);
  return {
    labels: turnGrid<LabelMap["data"]>(labels, inverseTurn(turn)),
    rescued: sources.filter((source) => source.voxels > 0 && source.boost > 0).map((source) => source.label),
    lost: sources.filter((source) => source.voxels === 0).map((source) => source.label),
  };
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
  /** The least boost with which it may win a voxel, once it was asked for. */
  needed: number | undefined;
  /** Voxels it has in the label map. */
  voxels: number;
}

function sourceOf({ label, frame, logits, fallback }: ObjectLogits): Source {
  const rows = logitRows(frame, logits);
  const inBox = fallback === undefined ? undefined : intersectBoxes(fallback, frame.crop);
  return { label, rows, positive: rows.positive, inBox, boost: 0, needed: undefined, voxels: 0 };
}

/** Raises lost objects inside their boxes, round by round, until each has a voxel. */
function rescue(sources: readonly Source[], labels: LabelMap): void {
  for (let round = 0; round < rescueRounds; round++) {
    const lost = sources.filter((source) => source.voxels === 0 && source.inBox !== undefined);
    if (lost.length === 0) return;
    for (const source of lost) {
      source.needed ??= neededBoost(source, sources);
      source.boost += 2 ** round;
    }
    // While none of them can win a voxel yet, painting would change nothing. An earlier object wins when it is equal.
    if (lost.some((source) => source.boost >= source.needed!)) {
      paint(sources, unionOf(lost.map((source) => source.inBox)), labels);
    }
  }
}

/** The boost that brings an object level with the best of a voxel in its box, if the others stay as they are. */
function neededBoost(source: Source, sources: readonly Source[]): number {
  const region = source.inBox!;
  const [left, right] = [region.min[2], region.max[2]];
  const row = rowOf(region);
  const logits = new Float64Array(right - left);
  const others = sources.filter((other) => other !== source);
  let needed = Number.POSITIVE_INFINITY;
  for (let z = region.min[0]; z < region.max[0]; z++) {
    for (let y = region.min[1]; y < region.max[1]; y++) {
      row.best.fill(0);
      for (let index = 0; index < others.length; index++) compete(others[index]!, index, z, y, region, row);
      source.rows.read(z, y, left, right, logits);
      for (let x = 0; x < logits.length; x++) {
        const missing = row.best[x]! - logits[x]!;
        if (missing < needed) needed = missing;
      }
    }
  }
  return needed;
}

/** Decides every voxel of the region anew, and keeps each object's voxel count. */
function paint(sources: readonly Source[], region: Box | undefined, labels: LabelMap): void {
  if (region === undefined) return;
  const [, height, width] = labels.shape;
  const row = rowOf(region);
  const byLabel = new Map(sources.map((source) => [source.label, source]));
  for (let z = region.min[0]; z < region.max[0]; z++) {
    for (let y = region.min[1]; y < region.max[1]; y++) {
      row.best.fill(0);
      row.owner.fill(-1);
      let isTouched = false;
      for (let index = 0; index < sources.length; index++) {
        if (compete(sources[index]!, index, z, y, region, row)) isTouched = true;
      }
      if (!isTouched) continue; // No object reaches this row, so it is background already.
      const start = (z * height + y) * width + region.min[2];
      for (let x = 0; x < row.owner.length; x++) {
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

/** One row of a region: the largest logit so far, whose it is, and room for one object's logits. */
interface Row {
  readonly best: Float64Array;
  readonly owner: Int32Array;
  readonly values: Float64Array;
}

function rowOf(region: Box): Row {
  const length = region.max[2] - region.min[2];
  return { best: new Float64Array(length), owner: new Int32Array(length), values: new Float64Array(length) };
}

/**
 * Lets one object take the voxels of a row where its logit is above zero and above all earlier ones. False if it does
 * not reach the row at all.
 */
function compete(source: Source, index: number, z: number, y: number, region: Box, row: Row): boolean {
  const positive = source.positive !== undefined && holdsRow(source.positive, z, y) ? source.positive : undefined;
  const box = source.boost > 0 && holdsRow(source.inBox!, z, y) ? source.inBox! : undefined;
  if (positive === undefined && box === undefined) return false;
  const left = region.min[2];
  const from = Math.max(left, Math.min(positive?.min[2] ?? Infinity, box?.min[2] ?? Infinity));
  const to = Math.min(region.max[2], Math.max(positive?.max[2] ?? 0, box?.max[2] ?? 0));
  if (to <= from) return false;
  source.rows.read(z, y, from, to, row.values);
  if (box !== undefined) {
    const last = Math.min(to, box.max[2]);
    for (let x = Math.max(from, box.min[2]); x < last; x++) row.values[x - from]! += source.boost;
  }
  const { best, owner, values } = row;
  for (let x = from; x < to; x++) {
    const value = values[x - from]!;
    if (value > best[x - left]!) {
      best[x - left] = value;
      owner[x - left] = index;
    }
  }
  return true;
}

function holdsRow(box: Box, z: number, y: number): boolean {
  return z >= box.min[0] && z < box.max[0] && y >= box.min[1] && y < box.max[1];
}

function unionOf(boxes: readonly (Box | undefined)[]): Box | undefined {
  return boxes.reduce((a, b) => (a === undefined || b === undefined ? (a ?? b) : uniteBoxes(a, b)), undefined);
}
