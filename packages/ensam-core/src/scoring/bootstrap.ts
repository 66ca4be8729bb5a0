import { percentiles, type RandomStream } from "../voxels/index.ts";
import { mean } from "./mean.ts";

export interface BootstrapOptions {
  readonly random: RandomStream;
  /** How often the cases are drawn anew. */
  readonly resamples?: number;
  /** Share of resamples inside the interval. */
  readonly level?: number;
}

export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

/** The mean with its percentile bootstrap interval (Efron 1979): cases drawn with replacement. NaN for no values. */
export function bootstrapInterval(values: ArrayLike<number>, options: BootstrapOptions): Interval {
  const middle = mean(values);
  if (values.length === 0) return { mean: middle, low: middle, high: middle };
  const [low, high] = percentileInterval(resampledMeans(values, options), options.level);
  return { mean: middle, low, high };
}

/** The means of samples drawn with replacement, each as large as `values`. */
export function resampledMeans(
  values: ArrayLike<number>,
  { random, resamples = 2000 }: Pick<BootstrapOptions, "random" | "resamples">,
): Float64Array {
  const n = values.length;
  const means = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let sum = 0;
    for (let j = 0; j < n; j++) sum += values[random.int(0, n)]!;
    means[i] = sum / n;
  }
  return means;
}

/** The middle `level` of the values: between equal tails. */
export function percentileInterval(values: Float64Array, level = 0.95): [low: number, high: number] {
  const tail = (100 * (1 - level)) / 2;
  const [low, high] = percentiles(values, [tail, 100 - tail])!;
  return [low!, high!];
}
