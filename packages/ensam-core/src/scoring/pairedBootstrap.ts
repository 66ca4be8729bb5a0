import { type BootstrapOptions, type Interval, percentileInterval, resampledMeans } from "./bootstrap.ts";
import { mean } from "./mean.ts";

export interface PairedComparison extends Interval {
  /** Two-sided: how likely a mean difference at least as far from 0 is if there is none. */
  readonly p: number;
}

/**
 * The mean of first - second over cases scored by both, with its bootstrap interval; cases are drawn as pairs.
 * p is twice the share of resamples on the far side of 0, with one added to count and total so that it is never 0.
 */
export function pairedBootstrap(
  first: readonly number[],
  second: readonly number[],
  options: BootstrapOptions,
): PairedComparison {
  if (first.length !== second.length || first.length === 0) {
    throw new Error(`pairedBootstrap: expected pairs of scores, got ${first.length} and ${second.length}`);
  }
  const differences = first.map((value, i) => value - second[i]!);
  const means = resampledMeans(differences, options);
  const [low, high] = percentileInterval(means, options.level);
  const below = means.filter((value) => value <= 0).length;
  const above = means.filter((value) => value >= 0).length;
  const p = Math.min(1, (2 * (Math.min(below, above) + 1)) / (means.length + 1));
  return { mean: mean(differences), low, high, p };
}
