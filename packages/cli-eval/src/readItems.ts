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
export function readItems(
  context: Context<EvalOptions>,
  isScored: (name: string) => boolean,
): { items: AsyncGenerator<ScoreItem>; notes: InputNotes } {
  const failures: FailureRow[] = [];
  const expected = new Map<string, CaseRow>();
  const came = new Set<string>();
  const warned = new Set<string>();
  async function* items(): AsyncGenerator<ScoreItem> {
    const rows = readRows(context, context.positionals, ["prediction", "score", "summary", "case", "failure"]);
    for await (const { row, origin } of rows) {
      if (row.type === "summary") continue; // Made anew from the scores.
      if (row.type === "case") expected.set(row.case, row);
      if (row.type === "prediction") came.add(row.case);
      if (row.type === "failure") {
        const words = JSON.stringify([row.case, row.stage, row.error]);
        if (warned.has(words)) continue; // Scores and predictions of one run bring it both.
        warned.add(words);
        came.add(row.case);
        failures.push(row);
        await context.passFailure(row);
      } else if (row.type !== "case") yield { row, origin };
    }
  }
  return {
    items: items(),
    notes: {
      failures,
      missing: () => [...expected.values()].filter((row) => !came.has(row.case) && !isScored(row.case)),
    },
  };
}

/**
 * Returns a check that throws for the second row of the same case and model: it would count twice. A prediction whose
 * score is known already does not count again.
 */
export function refuseRepeats(isScored: (model: string, name: string) => boolean): (row: ScoreItem["row"]) => void {
  const predicted = new Set<string>();
  return ({ type, case: name, model }) => {
    const key = `${model}\n${name}`;
    if (predicted.has(key) || (type === "score" && isScored(model, name))) {
      throw new InputError(`${name}: expected one ${type} of ${model}, got a second`);
    }
    if (type === "prediction") predicted.add(key);
  };
}
