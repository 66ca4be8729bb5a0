import { readChallengeCase } from "@ensam/core/files";
import type { Grid, LabelMap } from "@ensam/core/voxels";
import type { Picturable } from "../evaluation.ts";
import type { Pixels } from "./outline.ts";

/** Part of one slice with an object in it. */
export interface SliceView {
  /** Index of the slice along axis 0, and how many there are. */
  readonly z: number;
  readonly depth: number;
  /** First row and column of the part shown, and its size in pixels. */
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
  /** mm per pixel. */
  readonly rowSpacing: number;
  readonly columnSpacing: number;
  readonly image: Uint8Array;
  readonly truth: Pixels;
}

/** The part shown is this many times as wide as the object, and at least so many pixels. */
const surroundings = 2.6;
const leastPixels = 40;

/** Reads image and truth of a case and returns the slice where the object is largest, cut to its surroundings. */
export async function readSliceView({ npz, truth: truthPath, row }: Picturable, label: number): Promise<SliceView> {
  const image = (await readChallengeCase(npz, ["imgs"])).imgs!;
  const truth = (await readChallengeCase(truthPath, ["gts"])).gts!;
  const [depth, height, width] = truth.shape;
  const [, rowSpacing, columnSpacing] = row.spacing;
  const z = largestSlice(truth, label);
  const extent = extentOnSlice(truth, label, z);
  const side = Math.max(
    surroundings * Math.max((extent.bottom - extent.top) * rowSpacing, (extent.right - extent.left) * columnSpacing),
    leastPixels * Math.min(rowSpacing, columnSpacing),
  );
  const [top, rows] = cut((extent.top + extent.bottom) / 2, side / rowSpacing, height);
  const [left, columns] = cut((extent.left + extent.right) / 2, side / columnSpacing, width);
  const frame = { z, top, left, rows, columns };
  return {
    ...frame,
    depth,
    rowSpacing,
    columnSpacing,
    image: Uint8Array.from(pixelsOf(image, frame)),
    truth: maskOnSlice(truth, label, frame),
  };
}

/** Returns what a label map says of the object on the same part of the slice. */
export function maskOnSlice(
  labels: LabelMap,
  label: number,
  frame: Pick<SliceView, "z" | "top" | "left" | "rows" | "columns">,
): Pixels {
  const data = Uint8Array.from(pixelsOf(labels, frame), (value) => (value === label ? 1 : 0));
  return { data, rows: frame.rows, columns: frame.columns };
}

function* pixelsOf(
  { data, shape }: Grid,
  { z, top, left, rows, columns }: Pick<SliceView, "z" | "top" | "left" | "rows" | "columns">,
): Generator<number> {
  for (let row = top; row < top + rows; row++) {
    const start = (z * shape[1] + row) * shape[2] + left;
    for (let i = start; i < start + columns; i++) yield data[i]!;
  }
}

function largestSlice({ data, shape }: LabelMap, label: number): number {
  const area = shape[1] * shape[2];
  let [best, most] = [0, -1];
  for (let z = 0; z < shape[0]; z++) {
    let count = 0;
    for (let i = z * area; i < (z + 1) * area; i++) if (data[i] === label) count++;
    if (count > most) [best, most] = [z, count];
  }
  return best;
}

function extentOnSlice({ data, shape }: LabelMap, label: number, z: number) {
  const extent = { top: shape[1], bottom: 0, left: shape[2], right: 0 };
  for (let row = 0; row < shape[1]; row++) {
    for (let column = 0; column < shape[2]; column++) {
      if (data[(z * shape[1] + row) * shape[2] + column] !== label) continue;
      extent.top = Math.min(extent.top, row);
      extent.bottom = Math.max(extent.bottom, row + 1);
      extent.left = Math.min(extent.left, column);
      extent.right = Math.max(extent.right, column + 1);
    }
  }
  return extent;
}

/** Returns first index and count of a range of `wanted` pixels about `middle`, moved to lie inside 0 to size. */
function cut(middle: number, wanted: number, size: number): [start: number, count: number] {
  const count = Math.min(size, Math.ceil(wanted));
  const start = Math.min(size - count, Math.max(0, Math.round(middle - count / 2)));
  return [start, count];
}
