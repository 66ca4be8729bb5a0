import type { SummaryRow } from "@ensam/core/command";
import { bootstrapInterval, type Interval, mean } from "@ensam/core/scoring";
import { randomStream } from "@ensam/core/voxels";
import type { MetricKey } from "./metrics.ts";
import { byModalityAndAll, known, type Scores } from "./scores.ts";

/** Above so many cases the bootstrap's interval of a mean is the normal one to two digits, and would take minutes. */
export const mostResampled = 10_000;
/** The normal distribution's 97.5 percentile. */
const normalQuantile = 1.959963984540054;

/**
 * Returns the mean of a column over the cases that have a number there, with its 95 % interval; null for none. Seeded by
 * everything it is about. The column's memory is used up.
 */
export function intervalOf(
  column: Float64Array,
  seed: number,
  ...about: readonly string[]
): { [Key in keyof Interval]: number | null } {
  const values = known(column);
  if (values.length === 0) return { mean: null, low: null, high: null };
  if (values.length > mostResampled) return normalInterval(values);
  return bootstrapInterval(values, { random: randomStream(seed, "interval", ...about) });
}

/** The mean with 1.96 standard errors to each side. */
function normalInterval(values: Float64Array): Interval {
  const middle = mean(values);
  const squares = values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
  const half = normalQuantile * Math.sqrt(squares / (values.length - 1) / values.length);
  return { mean: middle, low: middle - half, high: middle + half };
}

/** Returns one row per model and modality that occur, and one per model for all its cases ("all"). */
export function summarize(scores: Scores, seed: number): SummaryRow[] {
  return [...scores.by("model")].flatMap(([model, ofModel]) =>
    byModalityAndAll(ofModel).map(([modality, cases]): SummaryRow => {
      const interval = (key: MetricKey) => intervalOf(cases.column(key), seed, model, modality, key);
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
    }),
  );
}
