import type { Grid, LabelMap } from "../voxels/index.ts";
import { FileError } from "./fileError.ts";

/** How far from a whole number a stored label may be and still be rounded. */
const labelTolerance = 1e-3;
const largestInt32 = 2 ** 31 - 1;

/** A label map, and how many of its voxels were not whole numbers before rounding. */
export interface FoundLabels {
  readonly labels: LabelMap;
  readonly roundedVoxels: number;
}

/**
 * The label map in a grid of any numeric type. Unsigned integers and int32 stay as they are; other types become the
 * smallest of uint8, uint16 and int32 that holds them. A negative label, or one more than 0.001 from a whole number, is
 * a FileError that says where. Where labels were stored as multiples of a `quantum` below 1, half of it is allowed:
 * rounding gives back what was stored.
 */
export function labelMapOf(where: string, grid: Grid, quantum = 0): FoundLabels {
  const tolerance = toleranceOf(quantum);
  const { data, shape } = grid;
  if (data instanceof Uint8Array || data instanceof Uint16Array || data instanceof Uint32Array) {
    return { labels: { data, shape }, roundedVoxels: 0 };
  }
  let largest = 0;
  let roundedVoxels = 0;
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    const label = Math.round(value);
    if (label < 0 || label > largestInt32 || !(Math.abs(value - label) <= tolerance)) {
      const [, height, width] = shape;
      const z = Math.floor(index / (height * width));
      const y = Math.floor(index / width) % height;
      throw new FileError(
        where,
        "labels that are whole numbers from 0",
        `${value} at (z, y, x) = (${z}, ${y}, ${index % width})`,
      );
    }
    if (label !== value) roundedVoxels++;
    if (label > largest) largest = label;
  }
  if (data instanceof Int32Array) return { labels: { data, shape }, roundedVoxels: 0 };
  const type = largest < 2 ** 8 ? Uint8Array : largest < 2 ** 16 ? Uint16Array : Int32Array;
  const rounded = new type(data.length);
  for (let index = 0; index < data.length; index++) rounded[index] = Math.round(data[index]!);
  return { labels: { data: rounded, shape }, roundedVoxels };
}

/** Quanta from 1 on merge labels, so there only whole values count. The last factor covers the rounding to float32. */
function toleranceOf(quantum: number): number {
  return quantum < 1 ? Math.max(labelTolerance, (quantum / 2) * (1 + 1e-3)) : labelTolerance;
}
