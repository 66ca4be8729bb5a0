import type { SummaryRow } from "@ensam/core/command";
import { bootstrapInterval, type Interval, mean } from "@ensam/core/scoring";
import { randomStream } from "@ensam/core/voxels";
import { type MetricKey, modalitiesOf, modelsOf } from "./metrics.ts";
import type { Score } from "./score.ts";

/** Above so many cases the bootstrap's interval of a mean is the normal one to two digits, and would take minutes. */
export const mostResampled = 10_000;
/** The normal distribution's 97.5 percentile. */
const normalQuantile = 1.959963984540054;

/**
 * Returns the mean of a metric over cases with its 95 % interval; null for no cases. Seeded by everything it is about.
 */
export function intervalOf(
  values: readonly (number | null)[],
  seed: number,
  ...about: readonly string[]
): { [Key in keyof Interval]: number | null } {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return { mean: null, low: null, high: null };
  if (known.length > mostResampled) return normalInterval(known);
  return bootstrapInterval(known, { random: randomStream(seed, "interval", ...about) });
}

/** The mean with 1.96 standard errors to each side. */
function normalInterval(values: readonly number[]): Interval {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const half = normalQuantile * Math.sqrt(squares / (values.length - 1) / values.length);
  return { mean: middle, low: middle - half, high: middle + half };
}

/** Returns one row per model and modality that occur, and one per model for all its cases ("all"). */
export function summarize(scores: readonly Score[], seed: number): SummaryRow[] {
  return modelsOf(scores).flatMap((model) => {
    const ofModel = scores.filter((score) => score.model === model);
    const groups = modalitiesOf(ofModel).map((modality) => {
      return [modality as string, ofModel.filter((score) => score.modality === modality)] as const;
    });
    return [...groups, ["all", ofModel] as const].map(([modality, cases]): SummaryRow => {
      const interval = (key: MetricKey) =>
        intervalOf(
          cases.map((score) => score[key]),
          seed,
          model,
          modality,
          key,
        );
      return {
        type: "summary",
        model,
        modality,
        cases: cases.length,
        dscAuc: interval("dscAuc"),
        nsdAuc: interval("nsdAuc"),
        dscFinal: interval("dscFinal"),
        nsdFinal: interval("nsdFinal"),
      };
    });
  });
}
