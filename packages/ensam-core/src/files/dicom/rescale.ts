import type { VoxelArray } from "../../voxels/index.ts";
import type { StoredArray } from "./storedNumbers.ts";

/** How the stored numbers of one slice become values: stored x slope + intercept. */
export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

const int16 = { least: -(2 ** 15), most: 2 ** 15 - 1 };
const int32 = { least: -(2 ** 31), most: 2 ** 31 - 1 };

/**
 * The values of a volume, each slice with its own slope and intercept. Whole ones give integers: the stored numbers
 * where nothing changes, int16 where all values fit (in the memory of the stored numbers where those take 16 bits),
 * else int32; all others float32, computed in float64.
 *
 * @param stored  the numbers of all slices, one after the other; may be overwritten
 */
export function rescale(stored: StoredArray, slices: readonly Rescale[]): VoxelArray {
  if (slices.every(({ slope, intercept }) => slope === 1 && intercept === 0)) return stored;
  const isWhole = slices.every(({ slope, intercept }) => Number.isInteger(slope) && Number.isInteger(intercept));
  const range = isWhole ? valueRange(stored, slices) : undefined;
  if (range !== undefined && fits(range, int16)) {
    const inPlace = stored.BYTES_PER_ELEMENT === 2;
    const values = inPlace
      ? new Int16Array(stored.buffer, stored.byteOffset, stored.length)
      : new Int16Array(stored.length);
    return fill(values, stored, slices);
  }
  const values =
    range !== undefined && fits(range, int32) ? new Int32Array(stored.length) : new Float32Array(stored.length);
  return fill(values, stored, slices);
}

interface Range {
  readonly least: number;
  readonly most: number;
}

function fits(range: Range, type: Range): boolean {
  return range.least >= type.least && range.most <= type.most;
}

function valueRange(stored: StoredArray, slices: readonly Rescale[]): Range {
  const count = stored.length / slices.length;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const [index, { slope, intercept }] of slices.entries()) {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let pixel = index * count; pixel < (index + 1) * count; pixel++) {
      const value = stored[pixel]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    const ends = [low * slope + intercept, high * slope + intercept];
    least = Math.min(least, ...ends);
    most = Math.max(most, ...ends);
  }
  return { least, most };
}

function fill<Values extends Int16Array | Int32Array | Float32Array>(
  values: Values,
  stored: StoredArray,
  slices: readonly Rescale[],
): Values {
  const count = stored.length / slices.length;
  for (const [index, { slope, intercept }] of slices.entries()) {
    for (let pixel = index * count; pixel < (index + 1) * count; pixel++)
      values[pixel] = stored[pixel]! * slope + intercept;
  }
  return values;
}
