import { UsageError } from "@ensam/core/command";
import { type PairedComparison, pairedBootstrap, type SignedRank, wilcoxonSignedRank } from "@ensam/core/scoring";
import { randomStream } from "@ensam/core/voxels";
import { type MetricKey, metrics } from "./metrics.ts";
import { byModalityAndAll, orZero, type Scores } from "./scores.ts";

/** Two models on the cases both were scored on, for one metric and modality. */
export interface Comparison {
  readonly modality: string;
  readonly metric: MetricKey;
  readonly cases: number;
  /** First minus second, with the bootstrap's interval and p. */
  readonly difference: PairedComparison;
  /** Undefined where no case differs. */
  readonly signedRank: SignedRank | undefined;
}

/** Returns the comparison of two models per modality and metric, and over all cases. */
export function compareModels(scores: Scores, names: readonly string[], seed: number): Comparison[] {
  const models = scores.by("model");
  const [first, second] = twoModels([...models.keys()], names);
  const [ofFirst, ofSecond] = [models.get(first)!, models.get(second)!];
  const both = ofFirst.ofCasesOf(ofSecond.ofCasesOf(ofFirst));
  if (both.length === 0)
    throw new UsageError(`--compare: expected cases that both ${first} and ${second} have, got none`);
  return byModalityAndAll(both).flatMap(([modality, cases]) =>
    metrics.map(({ key }): Comparison => {
      const a = Array.from(orZero(cases.column(key)));
      const b = Array.from(orZero(ofSecond.ofCasesOf(cases).column(key)));
      const random = randomStream(seed, "compare", first, second, modality, key);
      const difference = pairedBootstrap(a, b, { random });
      return { modality, metric: key, cases: cases.length, difference, signedRank: wilcoxonSignedRank(a, b) };
    }),
  );
}

function twoModels(known: readonly string[], names: readonly string[]): [string, string] {
  if (names.length !== 2) throw new UsageError(`--compare: expected two models, got ${names.length}`);
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(`--compare: expected two of ${known.join(", ")}, got ${name}`);
  }
  return [names[0]!, names[1]!];
}
