import type { ScoreRow } from "@ensam/core/command";
import { clicksNeeded } from "@ensam/core/scoring";
import { dscTargets } from "./metrics.ts";

const kept = [
  "case",
  "modality",
  "dataset",
  "model",
  "dsc",
  "nsd",
  "dscAuc",
  "nsdAuc",
  "dscFinal",
  "nsdFinal",
  "seconds",
  "timedOut",
] as const satisfies readonly (keyof ScoreRow)[];
type Kept = (typeof kept)[number];

/** What tables and curves need of a score row: its objects are counted, not listed. */
export interface Score extends Pick<ScoreRow, Kept> {
  /** Number of labels in the truth. */
  readonly objects: number;
  /** For each target of {@link dscTargets}, the clicks needed, summed over the objects; 6 for one that never gets there. */
  readonly clicksNeeded: readonly number[];
}

/** Returns what stays of a score row. */
export function scoreOf(row: ScoreRow): Score {
  const { classes } = row;
  const curves = classes.map(({ dsc }) => dsc.map((value) => value ?? 0));
  const needed = dscTargets.map((target) =>
    curves.reduce((sum, dsc) => sum + (clicksNeeded(dsc, target) ?? dsc.length), 0),
  );
  const same = Object.fromEntries(kept.map((key) => [key, row[key]])) as unknown as Pick<ScoreRow, Kept>;
  return { ...same, objects: classes.length, clicksNeeded: needed };
}
