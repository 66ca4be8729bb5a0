import { UsageError } from "@ensam/core/command";
import { type PairedComparison, pairedBootstrap, type SignedRank, wilcoxonSignedRank } from "@ensam/core/scoring";
import { randomStream } from "@ensam/core/voxels";
import { type MetricKey, metrics, modalitiesOf, modelsOf } from "./metrics.ts";
import type { Score } from "./score.ts";

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
export function compareModels(scores: readonly Score[], names: readonly string[], seed: number): Comparison[] {
  const [first, second] = twoModels(scores, names);
  const pairs = pairsOf(scores, first, second);
  if (pairs.length === 0)
    throw new UsageError(`--compare: expected cases that both ${first} and ${second} have, got none`);
  const modalities = modalitiesOf(pairs.map(([score]) => score));
  const groups = modalities.map(
    (modality) => [modality as string, pairs.filter(([score]) => score.modality === modality)] as const,
  );
  return [...groups, ["all", pairs] as const].flatMap(([modality, cases]) =>
    metrics.map(({ key }): Comparison => {
      const a = cases.map(([score]) => score[key] ?? 0);
      const b = cases.map(([, score]) => score[key] ?? 0);
      const random = randomStream(seed, "compare", first, second, modality, key);
      const difference = pairedBootstrap(a, b, { random });
      return { modality, metric: key, cases: cases.length, difference, signedRank: wilcoxonSignedRank(a, b) };
    }),
  );
}

function twoModels(scores: readonly Score[], names: readonly string[]): [string, string] {
  const known = modelsOf(scores);
  if (names.length !== 2) throw new UsageError(`--compare: expected two models, got ${names.length}`);
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(`--compare: expected two of ${known.join(", ")}, got ${name}`);
  }
  return [names[0]!, names[1]!];
}

function pairsOf(scores: readonly Score[], first: string, second: string): [Score, Score][] {
  const others = new Map(scores.filter(({ model }) => model === second).map((score) => [score.case, score]));
  return scores.flatMap((score) => {
    const other = score.model === first ? others.get(score.case) : undefined;
    return other === undefined ? [] : [[score, other] as [Score, Score]];
  });
}
