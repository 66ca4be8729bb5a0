import {
  type CaseRow,
  type Context,
  type FailureRow,
  InputError,
  type PredictionRow,
  type RowOrigin,
  readRows,
  type ScoreRow,
} from "@ensam/core/command";
import type { EvalOptions } from "./options.ts";

/** One thing to score: a prediction, or a score made earlier that is taken as it is. */
export interface ScoreItem {
  readonly row: PredictionRow | ScoreRow;
  readonly origin: RowOrigin;
}

/** What the input held besides predictions. */
export interface InputNotes {
  /** Failures that came down the pipe. */
  readonly failures: FailureRow[];
  /** Case rows for which neither a prediction nor a failure came. */
  missing(): CaseRow[];
}

/**
 * Yields what is to be scored; failure rows go on to the output, case rows say what should have come, and summaries of
 * earlier runs are left out.
 */
export function readItems(context: Context<EvalOptions>): { items: AsyncGenerator<ScoreItem>; notes: InputNotes } {
  const failures: FailureRow[] = [];
  const expected = new Map<string, CaseRow>();
  const seen = new Set<string>();
  async function* items(): AsyncGenerator<ScoreItem> {
    const rows = readRows(context, context.positionals, ["prediction", "score", "summary", "case", "failure"]);
    for await (const { row, origin } of rows) {
      if (row.type === "summary") continue; // Made anew from the scores.
      if (row.type === "case") expected.set(row.case, row);
      else seen.add(row.case);
      if (row.type === "failure") {
        failures.push(row);
        await context.passFailure(row);
      } else if (row.type !== "case") yield { row, origin };
    }
  }
  return {
    items: items(),
    notes: { failures, missing: () => [...expected.values()].filter((row) => !seen.has(row.case)) },
  };
}

/** Returns a check that throws for the second row of the same case and model: it would count twice. */
export function refuseRepeats(): (row: ScoreItem["row"]) => void {
  const known = new Set<string>();
  return ({ case: name, model }) => {
    const key = `${model}\n${name}`;
    if (known.has(key)) throw new InputError(`${name}: expected one prediction of ${model}, got a second`);
    known.add(key);
  };
}
