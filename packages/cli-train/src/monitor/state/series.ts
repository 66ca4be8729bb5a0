/** Some neighbouring points of a curve, as one. */
export interface Bucket {
  /** Step of its last point. */
  readonly x: number;
  readonly sum: number;
  readonly count: number;
  readonly low: number;
  readonly high: number;
}

/** A curve of any length in bounded memory: every bucket but the last holds `stride` points. */
export interface Series {
  readonly stride: number;
  readonly buckets: readonly Bucket[];
}

/** More than any terminal has columns of braille dots. */
const mostBuckets = 1024;

/** Interactions that are drawn; more would be a log gone wrong. */
export const mostInteractions = 16;

export const emptySeries: Series = { stride: 1, buckets: [] };

/** The series with points added; the same whether they come at once or one by one. */
export function withPoints(series: Series, points: readonly (readonly [x: number, y: number])[]): Series {
  if (points.length === 0) return series;
  let stride = series.stride;
  let buckets = [...series.buckets];
  for (const [x, y] of points) {
    const last = buckets.at(-1);
    if (last !== undefined && last.count < stride) {
      buckets[buckets.length - 1] = joined(last, { x, sum: y, count: 1, low: y, high: y });
      continue;
    }
    if (buckets.length === mostBuckets) {
      // Every bucket is full here, so that pairs of them are full buckets of twice the stride.
      buckets = Array.from({ length: mostBuckets / 2 }, (_, i) => joined(buckets[2 * i]!, buckets[2 * i + 1]!));
      stride *= 2;
    }
    buckets.push({ x, sum: y, count: 1, low: y, high: y });
  }
  return { stride, buckets };
}

/** Several series, each with its own points added. */
export function withEach(
  series: readonly Series[],
  points: readonly (readonly (readonly [x: number, y: number])[] | undefined)[],
): Series[] {
  const count = Math.max(series.length, points.length);
  return Array.from({ length: count }, (_, i) => withPoints(series[i] ?? emptySeries, points[i] ?? []));
}

/** The series without what came after a step, for a run that went back to a checkpoint. */
export function upTo(series: Series, step: number): Series {
  const kept = series.buckets.filter(({ x }) => x <= step);
  if (kept.length === series.buckets.length) return series;
  // A bucket that is not full would break the pairing of later ones; at most one stride of points is lost.
  return { ...series, buckets: kept.filter(({ count }) => count === series.stride) };
}

/** The points to draw: mean of each bucket. */
export function meansOf({ buckets }: Series): { x: number; y: number }[] {
  return buckets.map(({ x, sum, count }) => ({ x, y: sum / count }));
}

export function lastMean({ buckets }: Series): number | undefined {
  const last = buckets.at(-1);
  return last && last.sum / last.count;
}

function joined(a: Bucket, b: Bucket): Bucket {
  return {
    x: b.x,
    sum: a.sum + b.sum,
    count: a.count + b.count,
    low: Math.min(a.low, b.low),
    high: Math.max(a.high, b.high),
  };
}
