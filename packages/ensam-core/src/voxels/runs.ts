import { type Box, wholeBox } from "../geometry/index.ts";
import type { Mask } from "./grid.ts";
import { addRun, emptyExtent, extentBox } from "./labelBoxes.ts";

/**
 * The voxels of an object as runs along x, row by row in C order. An object has far fewer runs than its box has voxels,
 * and two objects of a volume do not pay for each other's boxes.
 */
export interface Runs {
  /** The rows listed are those of this box; for an empty object it has none. */
  readonly box: Box;
  /**
   * For row (z, y) of the box: its runs are those from rowStart[z * height + y] to rowStart[z * height + y + 1] - 1.
   */
  readonly rowStart: Int32Array;
  /** For each run: its first x in the grid, and one past its last. */
  readonly start: Int32Array;
  readonly end: Int32Array;
  readonly voxels: number;
}

/** The inside of a mask as runs; the box is the whole mask. */
export function maskRuns({ data, shape }: Mask): Runs {
  const [depth, height, width] = shape;
  const rows = depth * height;
  const rowStart = new Int32Array(rows + 1);
  let count = 0;
  for (let row = 0; row < rows; row++) {
    let before = 0;
    for (let i = row * width; i < (row + 1) * width; i++) {
      const inside = data[i]!;
      if (inside > before) count++;
      before = inside;
    }
    rowStart[row + 1] = count;
  }
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  let voxels = 0;
  let run = 0;
  for (let row = 0; row < rows; row++) {
    if (rowStart[row] === rowStart[row + 1]) continue;
    const from = row * width;
    for (let x = 0; x < width; ) {
      while (x < width && data[from + x] === 0) x++;
      if (x === width) break;
      start[run] = x;
      while (x < width && data[from + x] !== 0) x++;
      voxels += x - start[run]!;
      end[run++] = x;
    }
  }
  return { box: wholeBox(shape), rowStart, start, end, voxels };
}

/** Writes the voxels of the runs into a mask whose first voxel is `min` of the grid; all runs must lie inside it. */
export function paintRuns(runs: Runs, mask: Mask, min: readonly [number, number, number]): void {
  const { box, rowStart, start, end } = runs;
  const [, height, width] = mask.shape;
  let row = 0;
  for (let z = box.min[0]; z < box.max[0]; z++) {
    for (let y = box.min[1]; y < box.max[1]; y++, row++) {
      const to = ((z - min[0]) * height + y - min[1]) * width - min[2];
      for (let run = rowStart[row]!; run < rowStart[row + 1]!; run++) {
        mask.data.fill(1, to + start[run]!, to + end[run]!);
      }
    }
  }
}

/** Runs being gathered, in C order. */
export interface RunList {
  count: number;
  /** z * height + y of the grid, first x, one past the last x: three numbers for each run. */
  triples: Int32Array;
}

export function emptyRunList(): RunList {
  return { count: 0, triples: new Int32Array(48) };
}

/** Adds a run; one that goes on where the last ended becomes part of it. */
export function addToRuns(list: RunList, row: number, x: number, xEnd: number): void {
  const offset = 3 * list.count;
  if (offset > 0 && list.triples[offset - 3] === row && list.triples[offset - 1] === x) {
    list.triples[offset - 1] = xEnd;
    return;
  }
  if (offset === list.triples.length) {
    const larger = new Int32Array(2 * offset);
    larger.set(list.triples);
    list.triples = larger;
  }
  list.triples[offset] = row;
  list.triples[offset + 1] = x;
  list.triples[offset + 2] = xEnd;
  list.count++;
}

/**
 * The gathered runs with the box around them.
 *
 * @param height  of the grid
 */
export function finishRuns({ count, triples }: RunList, height: number): Runs {
  const start = new Int32Array(count);
  const end = new Int32Array(count);
  const extent = emptyExtent();
  for (let run = 0; run < count; run++) {
    const row = triples[3 * run]!;
    start[run] = triples[3 * run + 1]!;
    end[run] = triples[3 * run + 2]!;
    const z = (row / height) | 0;
    addRun(extent, z, row - z * height, start[run]!, end[run]!);
  }
  if (count === 0) {
    const nowhere = { min: [0, 0, 0], max: [0, 0, 0] } as const;
    return { box: nowhere, rowStart: new Int32Array(1), start, end, voxels: 0 };
  }
  const box = extentBox(extent);
  const boxHeight = box.max[1] - box.min[1];
  const rowStart = new Int32Array((box.max[0] - box.min[0]) * boxHeight + 1);
  for (let run = 0; run < count; run++) {
    const row = triples[3 * run]!;
    const z = (row / height) | 0;
    rowStart[(z - box.min[0]) * boxHeight + (row - z * height - box.min[1]) + 1]!++;
  }
  for (let row = 1; row < rowStart.length; row++) rowStart[row]! += rowStart[row - 1]!;
  return { box, rowStart, start, end, voxels: extent.voxels };
}
