import type { FailureRow, PredictionRow, ScoreRow, SummaryRow } from "@ensam/core/command";
import type { Comparison } from "./compareModels.ts";
import type { ScoreRules } from "./options.ts";
import type { Scores } from "./scores.ts";

/** A scored prediction and where its files are, for pictures. Paths are absolute. */
export interface Picturable {
  readonly score: ScoreRow;
  readonly row: PredictionRow;
  readonly npz: string;
  readonly prediction: string;
  readonly truth: string;
}

/** Everything one run of ensam-eval found out; tables and the report are made from it. */
export interface Evaluation {
  readonly scores: Scores;
  readonly summaries: readonly SummaryRow[];
  readonly failures: readonly FailureRow[];
  /** Empty without --compare. */
  readonly comparisons: readonly Comparison[];
  /** The two models compared. */
  readonly compared: readonly string[];
  readonly picturable: readonly Picturable[];
  readonly rules: ScoreRules;
  readonly seed: number;
  /** The command line that made it. */
  readonly command: string;
}
