import { intersectBoxes, type Mask, type Runs } from "../voxels/index.ts";

/** 2 |A and B| / (|A| + |B|) of two masks of one shape, 0 to 1; NaN where both are empty. */
export function dice(a: Mask, b: Mask): number {
  if (a.data.length !== b.data.length) throw new Error(`dice: expected one shape, got [${a.shape}] and [${b.shape}]`);
  let first = 0;
  let second = 0;
  let both = 0;
  for (let i = 0; i < a.data.length; i++) {
    const inA = a.data[i] === 0 ? 0 : 1;
    const inB = b.data[i] === 0 ? 0 : 1;
    first += inA;
    second += inB;
    both += inA & inB;
  }
  return diceOfCounts(first, second, both);
}

/** Dice from the voxels of each object and of their overlap; NaN where both objects are empty. */
export function diceOfCounts(first: number, second: number, both: number): number {
  return (2 * both) / (first + second);
}

/** The voxels two objects of one grid have in common. */
export function sharedVoxels(a: Runs, b: Runs): number {
  const common = intersectBoxes(a.box, b.box);
  if (common === undefined) return 0;
  let shared = 0;
  for (let z = common.min[0]; z < common.max[0]; z++) {
    for (let y = common.min[1]; y < common.max[1]; y++) {
      const rowA = (z - a.box.min[0]) * (a.box.max[1] - a.box.min[1]) + y - a.box.min[1];
      const rowB = (z - b.box.min[0]) * (b.box.max[1] - b.box.min[1]) + y - b.box.min[1];
      let i = a.rowStart[rowA]!;
      let j = b.rowStart[rowB]!;
      while (i < a.rowStart[rowA + 1]! && j < b.rowStart[rowB + 1]!) {
        const overlap = Math.min(a.end[i]!, b.end[j]!) - Math.max(a.start[i]!, b.start[j]!);
        if (overlap > 0) shared += overlap;
        if (a.end[i]! < b.end[j]!) i++;
        else j++;
      }
    }
  }
  return shared;
}
