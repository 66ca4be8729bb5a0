import { clickAuc } from "./clickAuc.ts";
import type { LabelScore } from "./labelScores.ts";
import { mean } from "./mean.ts";

/** Seconds a model may take for each class of a case, all calls together (challenge rules). */
export const challengeSecondsPerClass = 90;

/** The surface Dice of an interaction counts only where its mean Dice is above this (challenge evaluator). */
export const nsdGate = 0.2;

/** What was measured on one case. */
export interface CaseCalls {
  /** The scores of all labels after each call of the model: 6 calls with a box prompt, else the 5 clicks. */
  readonly calls: readonly (readonly LabelScore[])[];
  /** Whether the first call had boxes. */
  readonly hasBox: boolean;
  /** Seconds of each call, as many as calls. */
  readonly seconds: readonly number[];
  /** Above this, for each class, the case scores 0; Infinity for no limit. 90 by default. */
  readonly secondsPerClass?: number;
}

/** One case by the challenge's rules. Lists have six places: after the box and after each of five clicks. */
export interface CaseScores {
  readonly dsc: readonly number[];
  readonly nsd: readonly number[];
  readonly dscAuc: number;
  readonly nsdAuc: number;
  readonly dscFinal: number;
  readonly nsdFinal: number;
  readonly seconds: readonly number[];
  /** The time allowed for the whole case. */
  readonly secondsAllowed: number;
  readonly timedOut: boolean;
  /** As measured, without gate and time limit. */
  readonly classes: readonly {
    readonly label: number;
    readonly dsc: readonly number[];
    readonly nsd: readonly number[];
  }[];
}

/**
 * The scores of a case: means over its classes; surface Dice 0 while mean Dice is 0.2 or less; without a box the first
 * place is 0 (the model is not called for it); past the time limit everything is 0.
 *
 * Source: CVPR25_iter_eval.py of the challenge, and its rules for the time limit.
 */
export function caseScores({
  calls,
  hasBox,
  seconds,
  secondsPerClass = challengeSecondsPerClass,
}: CaseCalls): CaseScores {
  const expected = hasBox ? 6 : 5;
  if (calls.length !== expected || seconds.length !== expected) {
    throw new Error(`caseScores: expected ${expected} calls with seconds, got ${calls.length} and ${seconds.length}`);
  }
  const labels = calls[0]!.map(({ label }) => label);
  for (const call of calls) {
    if (call.map(({ label }) => label).join() !== labels.join()) {
      throw new Error(`caseScores: expected labels ${labels} after each call, got ${call.map(({ label }) => label)}`);
    }
  }
  const noBox = hasBox ? [] : [0];
  const allSeconds = [...noBox, ...seconds];
  const secondsAllowed = secondsPerClass * labels.length;
  const timedOut = allSeconds.reduce((sum, value) => sum + value, 0) > secondsAllowed;
  const meanDsc = calls.map((call) => mean(call.map((score) => score.dsc)));
  const gatedNsd = calls.map((call, i) => (meanDsc[i]! > nsdGate ? mean(call.map((score) => score.nsd)) : 0));
  const dsc = timedOut ? allSeconds.map(() => 0) : [...noBox, ...meanDsc];
  const nsd = timedOut ? allSeconds.map(() => 0) : [...noBox, ...gatedNsd];
  return {
    dsc,
    nsd,
    dscAuc: clickAuc(dsc),
    nsdAuc: clickAuc(nsd),
    dscFinal: dsc[5]!,
    nsdFinal: nsd[5]!,
    seconds: allSeconds,
    secondsAllowed,
    timedOut,
    classes: labels.map((label, i) => ({
      label,
      dsc: [...noBox, ...calls.map((call) => call[i]!.dsc)],
      nsd: [...noBox, ...calls.map((call) => call[i]!.nsd)],
    })),
  };
}
