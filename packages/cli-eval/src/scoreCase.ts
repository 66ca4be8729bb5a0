import { InputError, type PredictionRow, type ScoreRow } from "@ensam/core/command";
import { readChallengeCase, readTruth } from "@ensam/core/files";
import { type CaseScores, caseScores, scoreLabelMaps, scoringSpacing } from "@ensam/core/scoring";
import { labelBoxes } from "@ensam/core/voxels";
import type { ScoreRules } from "./options.ts";

/** One case to be scored: its row, and where its files are. */
export interface ScoreRequest {
  readonly row: PredictionRow;
  /** Absolute paths. */
  readonly npz: string;
  readonly prediction: string;
  readonly truth: string;
  readonly rules: ScoreRules;
}

/** A scored case, and what was done to its truth or taken on trust. */
export interface ScoredCase {
  readonly row: ScoreRow;
  readonly warnings: readonly string[];
}

/**
 * Returns the score row of a prediction by the challenge's rules. Values of the box interaction are null for a case
 * without box. Errors name the file.
 */
export async function scoreCase(request: ScoreRequest): Promise<ScoredCase> {
  const { row, npz, prediction, truth: truthPath, rules } = request;
  const { labels: truth, warnings } = await readTruth(truthPath, npz);
  const calls = (await readChallengeCase(prediction, ["all_segs"])).allSegs!;
  const expected = row.hasBox ? 6 : 5;
  if (calls.length !== expected) {
    const kind = row.hasBox ? "a box and five clicks" : "five clicks";
    throw new InputError(`${prediction}: all_segs: expected ${expected} label maps (${kind}), got ${calls.length}`);
  }
  if (calls[0]!.shape.join() !== truth.shape.join()) {
    throw new InputError(
      `${prediction}: all_segs: expected the truth's shape [${truth.shape}], got [${calls[0]!.shape}]`,
    );
  }
  if (labelBoxes(truth).size === 0) {
    throw new InputError(`${truthPath}: gts: expected at least one label, got background only`);
  }
  const [z, y, x] = row.spacing;
  const spacing = scoringSpacing([x, y, z], rules.spacing);
  const scores = caseScores({
    calls: calls.map((call) => scoreLabelMaps(truth, call, spacing, rules.tolerance)),
    hasBox: row.hasBox,
    seconds: secondsOf(row, expected),
    secondsPerClass: rules.timeLimit,
  });
  return { row: scoreRow(row, scores), warnings };
}

function scoreRow({ case: name, modality, dataset, model, hasBox }: PredictionRow, scores: CaseScores): ScoreRow {
  const existing = (values: readonly number[]) => (hasBox ? [...values] : [null, ...values.slice(1)]);
  return {
    type: "score",
    case: name,
    modality,
    dataset,
    model,
    dsc: existing(scores.dsc),
    nsd: existing(scores.nsd),
    dscAuc: scores.dscAuc,
    nsdAuc: scores.nsdAuc,
    dscFinal: scores.dscFinal,
    nsdFinal: scores.nsdFinal,
    seconds: existing(scores.seconds),
    classes: scores.classes.map(({ label, dsc, nsd }) => ({ label, dsc: existing(dsc), nsd: existing(nsd) })),
    timedOut: scores.timedOut,
  };
}

/** The seconds of the model's calls; a time that is not known counts as 0. */
function secondsOf({ seconds, case: name }: PredictionRow, calls: number): number[] {
  if (seconds.length !== calls && seconds.length !== 6) {
    throw new InputError(`${name}: seconds: expected 6 values (the first null without a box), got ${seconds.length}`);
  }
  return seconds.slice(seconds.length - calls).map((value) => value ?? 0);
}
