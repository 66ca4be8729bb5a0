import type { VoxelArray } from "./grid.ts";

export interface PercentileOptions {
  /** Only values greater than this take part. */
  readonly above?: number;
}

/**
 * Percentiles `qs` (0 to 100) of the finite values, with numpy's default ("linear") rule: between the two nearest of
 * the sorted values, at (n - 1) q / 100. Undefined where no value takes part.
 *
 * Nothing is sorted but float64 data: values of 8 and 16 bits are counted, those of 32 bits are counted by their upper
 * and then their lower half. A volume of 100 million voxels needs no copy.
 */
export function percentiles(
  values: VoxelArray | readonly number[],
  qs: readonly number[],
  { above = -Infinity }: PercentileOptions = {},
): number[] | undefined {
  const ranked = rankedValues(ArrayBuffer.isView(values) ? values : Float64Array.from(values), above);
  if (ranked === undefined) return undefined;
  return qs.map((q) => interpolate(ranked, q));
}

/** One percentile `q` (0 to 100) of the finite values, or undefined where there is none. */
export function percentile(
  values: VoxelArray | readonly number[],
  q: number,
  options?: PercentileOptions,
): number | undefined {
  return percentiles(values, [q], options)?.[0];
}

/** Access to sorted values without sorting: how many there are, and the one of a rank. */
interface Ranked {
  readonly count: number;
  at(rank: number): number;
}

function interpolate({ count, at }: Ranked, q: number): number {
  if (!(q >= 0 && q <= 100)) throw new Error(`percentile: expected 0 to 100, got ${q}`);
  const position = (count - 1) * (q / 100);
  const rank = Math.floor(position);
  const t = position - rank;
  const a = at(rank);
  const b = at(Math.min(rank + 1, count - 1));
  // From the nearer end, as numpy does, so that the last bit agrees.
  return t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t);
}

function rankedValues(values: VoxelArray, above: number): Ranked | undefined {
  if (values instanceof Float64Array) return bySorting(values, above);
  if (values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint32Array) {
    return byHalves(values, above);
  }
  return byCounting(values, above);
}

function bySorting(values: Float64Array, above: number): Ranked | undefined {
  const copy = values.slice(); // `filter` would make a list of objects first, several times as large.
  let count = 0;
  for (const value of copy) if (value > above && Number.isFinite(value)) copy[count++] = value;
  const sorted = copy.subarray(0, count).sort();
  return count === 0 ? undefined : { count, at: (rank) => sorted[rank]! };
}

function byCounting(values: Uint8Array | Int8Array | Uint16Array | Int16Array, above: number): Ranked | undefined {
  const lowest = 32768; // Int16's lowest value falls on index 0, Uint16's highest on 98303.
  const counts = new Uint32Array(98304);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value > above) {
      counts[value + lowest]!++;
      count++;
    }
  }
  if (count === 0) return undefined;
  return { count, at: (rank) => bucketOfRank(counts, rank).bucket - lowest };
}

function byHalves(values: Float32Array | Int32Array | Uint32Array, above: number): Ranked | undefined {
  const bits = new Int32Array(values.buffer, values.byteOffset, values.length);
  const order =
    values instanceof Float32Array ? floatOrder : values instanceof Int32Array ? signedOrder : unsignedOrder;
  const oneValue = new (values.constructor as Float32ArrayConstructor)(1);
  const itsBits = new Int32Array(oneValue.buffer);
  const uppers = new Uint32Array(65536);
  let count = 0;
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value > above && Number.isFinite(value)) {
      uppers[order(bits[i]!) >>> 16]!++;
      count++;
    }
  }
  if (count === 0) return undefined;
  const lowersOf = new Map<number, Uint32Array>();
  return {
    count,
    at(rank) {
      const { bucket: upper, rest } = bucketOfRank(uppers, rank);
      let lowers = lowersOf.get(upper);
      if (lowers === undefined) {
        lowers = new Uint32Array(65536);
        for (let i = 0; i < values.length; i++) {
          const value = values[i]!;
          const key = order(bits[i]!);
          if (key >>> 16 === upper && value > above && Number.isFinite(value)) lowers[key & 0xffff]!++;
        }
        lowersOf.set(upper, lowers);
      }
      const key = ((upper << 16) | bucketOfRank(lowers, rest).bucket) >>> 0;
      itsBits[0] =
        values instanceof Float32Array ? floatBits(key) : values instanceof Int32Array ? signedOrder(key) : key;
      return oneValue[0]!;
    },
  };
}

/** The bucket that holds the value of a rank, and the value's rank inside it. */
function bucketOfRank(counts: Uint32Array, rank: number): { bucket: number; rest: number } {
  let rest = rank;
  let bucket = 0;
  while (rest >= counts[bucket]!) rest -= counts[bucket++]!;
  return { bucket, rest };
}

// Unsigned keys that sort as the values do, from the values' bits.
function floatOrder(bits: number): number {
  return bits < 0 ? ~bits : bits ^ 0x80000000;
}

function floatBits(key: number): number {
  return key >>> 31 === 0 ? ~key : key ^ 0x80000000;
}

function signedOrder(bits: number): number {
  return bits ^ 0x80000000;
}

function unsignedOrder(bits: number): number {
  return bits;
}
