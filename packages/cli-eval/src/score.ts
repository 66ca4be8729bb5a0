import type { ScoreRow } from "@ensam/core/command";
import { clicksNeeded } from "@ensam/core/scoring";
import { dscTargets } from "./metrics.ts";

/** What tables and curves need of a score row: its objects are counted, not listed. */
export interface Score
  extends Pick<
    ScoreRow,
    | "case"
    | "modality"
    | "dataset"
    | "model"
    | "dsc"
    | "nsd"
    | "dscAuc"
    | "nsdAuc"
    | "dscFinal"
    | "nsdFinal"
    | "seconds"
    | "timedOut"
  > {
  /** Number of labels in the truth. */
  readonly objects: number;
}

/** Returns for each target of {@link dscTargets} the clicks needed, summed over a row's objects; 6 for one that never gets there. */
export function clicksNeededOf({ classes }: ScoreRow): number[] {
  const curves = classes.map(({ dsc }) => dsc.map((value) => value ?? 0));
  return dscTargets.map((target) => curves.reduce((sum, dsc) => sum + (clicksNeeded(dsc, target) ?? dsc.length), 0));
}
