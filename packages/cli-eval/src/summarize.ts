import type { ScoreRow, SummaryRow } from "@ensam/core/command";
import { bootstrapInterval, type Interval } from "@ensam/core/scoring";
import { randomStream } from "@ensam/core/voxels";
import { type MetricKey, modalitiesOf, modelsOf } from "./metrics.ts";

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
  return bootstrapInterval(known, { random: randomStream(seed, "interval", ...about) });
}

/** Returns one row per model and modality that occur, and one per model for all its cases ("all"). */
export function summarize(scores: readonly ScoreRow[], seed: number): SummaryRow[] {
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
