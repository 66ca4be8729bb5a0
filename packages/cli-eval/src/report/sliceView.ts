import type { Box, Grid, LabelMap, Zyx } from "@ensam/core/voxels";
import type { Pixels } from "./outline.ts";
import type { Plane } from "./planes.ts";

/** Part of one slice with an object in it, as it lies on the page: row 0 is at the top, column 0 at the left. */
export interface SliceView {
  readonly plane: Plane;
  /** Index of the slice along the plane's axis, and how many there are. */
  readonly slice: number;
  readonly depth: number;
  /** First voxel shown along the axes of rows and columns, and the size of the part in pixels. */
  readonly top: number;
  readonly left: number;
  readonly rows: number;
  readonly columns: number;
  /** Size of a pixel, in mm or, where no size is known, in voxels. */
  readonly rowSpacing: number;
  readonly columnSpacing: number;
  readonly unit: "mm" | "voxels";
  readonly image: Uint8Array;
  readonly truth: Pixels;
}

export type Frame = Pick<SliceView, "plane" | "slice" | "top" | "left" | "rows" | "columns">;

/** The part shown is this many times as wide as the object, and at least so many pixels. */
const surroundings = 2.2;
const leastPixels = 40;

/**
 * Returns the slice of a plane on which the object is largest, cut to its surroundings; boxes of prompts are inside.
 */
export function sliceViewOf(
  image: Grid,
  truth: LabelMap,
  { label, spacing, plane, box }: { label: number; spacing: Zyx; plane: Plane; box?: Box | undefined },
): SliceView {
  const { axis, rowAxis, columnAxis } = plane;
  const slice = largestSlice(truth, label, axis);
  const [rowSpacing, columnSpacing] = [spacing[rowAxis]!, spacing[columnAxis]!];
  const [rowRange, columnRange] = [rowAxis, columnAxis].map((along) => rangeOf(truth, label, axis, slice, along, box));
  const side = Math.max(
    surroundings * (rowRange![1] - rowRange![0]) * rowSpacing,
    surroundings * (columnRange![1] - columnRange![0]) * columnSpacing,
    leastPixels * Math.min(rowSpacing, columnSpacing),
  );
  const [top, rows] = cut(rowRange!, side / rowSpacing, truth.shape[rowAxis]!);
  const [left, columns] = cut(columnRange!, side / columnSpacing, truth.shape[columnAxis]!);
  const frame = { plane, slice, top, left, rows, columns };
  // Cases that know no voxel size say 1, 1, 1: a length in mm would be made up.
  const unit = !plane.isAnatomical && spacing.every((length) => length === 1) ? "voxels" : "mm";
  return {
    ...frame,
    depth: truth.shape[axis]!,
    rowSpacing,
    columnSpacing,
    unit,
    image: Uint8Array.from(pixelsOf(image, frame)),
    truth: maskOnSlice(truth, label, frame),
  };
}

/** Returns what a label map says of the object on the same part of the slice. */
export function maskOnSlice(labels: LabelMap, label: number, frame: Frame): Pixels {
  const data = Uint8Array.from(pixelsOf(labels, frame), (value) => (value === label ? 1 : 0));
  return { data, rows: frame.rows, columns: frame.columns };
}

/**
 * Returns where a voxel lies on the page, in pixels from the top and left corner; its middle is half a pixel further.
 */
export function onPage({ plane, top, left, rows, columns }: Frame, voxel: Zyx): { row: number; column: number } {
  const [row, column] = [voxel[plane.rowAxis]! - top, voxel[plane.columnAxis]! - left];
  return {
    row: plane.rowsTurned ? rows - 1 - row : row,
    column: plane.columnsTurned ? columns - 1 - column : column,
  };
}

function* pixelsOf({ data, shape }: Grid, frame: Frame): Generator<number> {
  const { plane, slice, top, left, rows, columns } = frame;
  const strides = [shape[1] * shape[2], shape[2], 1];
  const [across, down, right] = [strides[plane.axis]!, strides[plane.rowAxis]!, strides[plane.columnAxis]!];
  for (let r = 0; r < rows; r++) {
    const row = top + (plane.rowsTurned ? rows - 1 - r : r);
    for (let c = 0; c < columns; c++) {
      const column = left + (plane.columnsTurned ? columns - 1 - c : c);
      yield data[slice * across + row * down + column * right]!;
    }
  }
}

function largestSlice(labels: LabelMap, label: number, axis: number): number {
  const counts = new Array<number>(labels.shape[axis]!).fill(0);
  for (const voxel of voxelsOf(labels, label)) counts[voxel[axis]!]! += 1;
  return counts.indexOf(Math.max(...counts));
}

/** First index and the one after the last of the object on the slice along an axis, and of the box there. */
function rangeOf(labels: LabelMap, label: number, across: number, slice: number, along: number, box?: Box) {
  let [low, high] = [Infinity, -Infinity];
  for (const voxel of voxelsOf(labels, label)) {
    if (voxel[across] !== slice) continue;
    low = Math.min(low, voxel[along]!);
    high = Math.max(high, voxel[along]! + 1);
  }
  if (box === undefined) return [low, high] as const;
  return [Math.min(low, box.min[along]!), Math.max(high, box.max[along]!)] as const;
}

function* voxelsOf({ data, shape: [, height, width] }: LabelMap, label: number): Generator<Zyx> {
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== label) continue;
    const plane = Math.floor(i / (height * width));
    const rest = i - plane * height * width;
    yield [plane, Math.floor(rest / width), rest % width];
  }
}

/** Returns first index and count of `wanted` pixels about the middle of a range, moved to lie inside 0 to size. */
function cut([low, high]: readonly [number, number], wanted: number, size: number): [start: number, count: number] {
  const count = Math.min(size, Math.ceil(wanted));
  const start = Math.min(size - count, Math.max(0, Math.round((low + high) / 2 - count / 2)));
  return [start, count];
}
