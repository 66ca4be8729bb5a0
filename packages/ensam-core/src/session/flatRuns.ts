import type { Box, Zyx } from "../geometry/index.ts";
import type { Mask } from "../voxels/index.ts";
import { EventError } from "./eventError.ts";
import type { FlatRuns } from "./events.ts";

/**
 * Throws an EventError unless the runs ascend, do not touch the same voxel twice and lie in a grid of `count` voxels.
 */
export function checkRuns(where: string, runs: FlatRuns, count: number): void {
  if (!Array.isArray(runs) || runs.length % 2 !== 0) {
    throw new EventError(`${where}: expected starts and lengths in turn, got ${runs?.length} numbers`);
  }
  let end = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const [start, length] = [runs[i]!, runs[i + 1]!];
    const isRun = Number.isInteger(start) && Number.isInteger(length) && length >= 1;
    if (!isRun || start < end || start + length > count) {
      throw new EventError(`${where}: expected ascending runs below ${count}, got [${start}, ${length}] after ${end}`);
    }
    end = start + length;
  }
}

/** The runs of the voxels that are not 0. */
export function flatRunsOf(data: ArrayLike<number>): number[] {
  const runs: number[] = [];
  for (let i = 0; i < data.length; i++) {
    if (data[i] === 0) continue;
    const start = i;
    while (i < data.length && data[i] !== 0) i++;
    runs.push(start, i - start);
  }
  return runs;
}

/** The runs of each label of a label map but 0, in one pass over it. */
export function labelRunsOf(data: ArrayLike<number>): Map<number, number[]> {
  const found = new Map<number, number[]>();
  for (let i = 0; i < data.length; ) {
    const start = i;
    const label = data[start]!;
    while (i < data.length && data[i] === label) i++;
    if (label === 0) continue;
    const runs = found.get(label);
    if (runs === undefined) found.set(label, [start, i - start]);
    else runs.push(start, i - start);
  }
  return found;
}

/** The smallest box around the runs, half-open; `undefined` for none. */
export function boxOfRuns(runs: FlatRuns, shape: Zyx): Box | undefined {
  const min = [...shape];
  const max = [0, 0, 0];
  for (const { z, y, from, to } of rowsOf(runs, shape)) {
    min[0] = Math.min(min[0]!, z);
    min[1] = Math.min(min[1]!, y);
    min[2] = Math.min(min[2]!, from);
    max[0] = Math.max(max[0]!, z + 1);
    max[1] = Math.max(max[1]!, y + 1);
    max[2] = Math.max(max[2]!, to);
  }
  return max[0] === 0 ? undefined : { min: min as unknown as Zyx, max: max as unknown as Zyx };
}

/** Writes `value` at the runs' voxels inside `region`; with `over`, only where that value stands. */
export function paintFlatRuns(runs: FlatRuns, { data, shape }: Mask, region: Box, value: number, over?: number): void {
  for (const { z, y, from, to } of rowsOf(runs, shape)) {
    if (z < region.min[0] || z >= region.max[0] || y < region.min[1] || y >= region.max[1]) continue;
    const row = (z * shape[1] + y) * shape[2];
    const [first, last] = [Math.max(from, region.min[2]), Math.min(to, region.max[2])];
    for (let x = first; x < last; x++) if (over === undefined || data[row + x] === over) data[row + x] = value;
  }
}

/** The runs cut at the ends of the rows. */
function* rowsOf(
  runs: FlatRuns,
  [, height, width]: Zyx,
): Generator<{ z: number; y: number; from: number; to: number }> {
  for (let i = 0; i < runs.length; i += 2) {
    let start = runs[i]!;
    const end = start + runs[i + 1]!;
    while (start < end) {
      const row = Math.floor(start / width);
      const from = start - row * width;
      const to = Math.min(width, from + end - start);
      yield { z: Math.floor(row / height), y: row % height, from, to };
      start += to - from;
    }
  }
}
