import type { Modality } from "@ensam/core/command";
import { type MetricKey, modalityOrder } from "./metrics.ts";
import type { Score } from "./score.ts";

/** What scores are grouped by. */
export type GroupKey = "model" | "modality" | "dataset";
/** What there is one number of to a score, or one for each interaction, or (clicksNeeded) for each target. */
export type ColumnKey = MetricKey | "dsc" | "nsd" | "seconds" | "objects" | "clicksNeeded";

/** Scores by model, and in each by case, or some of them in that order. A million take no object each. */
export interface Scores extends Iterable<Score> {
  readonly length: number;
  /** Those of each model, modality or dataset, in the order in which these come. */
  by(key: GroupKey): Map<string, Scores>;
  /** A number of each score in a list of its own; NaN for one that does not exist. */
  column(key: ColumnKey, i?: number): Float64Array;
  /** The scores of the same cases as other ones, in the order of those, of which no two are of one case; cases without are left out. */
  ofCasesOf(others: Scores): Scores;
  /** The first score of each case, whatever the model. */
  oncePerCase(): Scores;
}

/** Returns the scores of each modality that occurs, in the order of the tables. */
export function byModality(scores: Scores): [Modality, Scores][] {
  const groups = scores.by("modality");
  return modalityOrder.flatMap((modality): [Modality, Scores][] => {
    const group = groups.get(modality);
    return group === undefined ? [] : [[modality, group]];
  });
}

/** The same, and all of them as "all". */
export function byModalityAndAll(scores: Scores): ["all" | Modality, Scores][] {
  return [...byModality(scores), ["all", scores]];
}

/** A column without the numbers that do not exist, in its own memory. */
export function known(column: Float64Array): Float64Array {
  let count = 0;
  for (const value of column) if (!Number.isNaN(value)) column[count++] = value;
  return column.subarray(0, count);
}

/** A column with 0 for the numbers that do not exist, in its own memory. */
export function orZero(column: Float64Array): Float64Array {
  for (let i = 0; i < column.length; i++) if (Number.isNaN(column[i])) column[i] = 0;
  return column;
}
