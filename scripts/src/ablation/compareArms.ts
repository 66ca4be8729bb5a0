import { bootstrapInterval, type Interval, mean, pairedBootstrap, wilcoxonSignedRank } from "@ensam/core/scoring";
import { randomStream } from "@ensam/core/voxels";
import type { CaseChoice, Question } from "./arms.ts";

export type PromptWay = "box" | "clicks";

export const promptWays: readonly PromptWay[] = ["box", "clicks"];

/** What one run says of one test case. */
export interface Scored {
  readonly arm: string;
  readonly seed: number;
  readonly prompts: PromptWay;
  readonly case: string;
  /** Area under the curve of DSC over the five clicks, 0 to 4 (ENSAM eq. 5). */
  readonly dscAuc: number;
  readonly dscFinal: number;
  /** DSC after the last click of each object of the case that counts as small; none where there is none. */
  readonly small: readonly number[];
}

/** What is asked of test cases. */
export interface TestCase {
  readonly case: string;
  readonly objects: number;
  /** Largest over smallest side of a voxel. */
  readonly anisotropy: number;
}

/** From this ratio of a voxel's sides on a case is anisotropic. */
export const anisotropicFrom = 2;

/** A difference is spoken of below this corrected p. */
export const significance = 0.05;

export interface Answer {
  readonly question: Question;
  readonly prompts: PromptWay;
  readonly cases: number;
  readonly seeds: readonly number[];
  /** First minus second arm in DSC AUC: means over cases, each the mean over seeds; cases are drawn for the interval. */
  readonly difference: Interval;
  /** The same by seed, in the order of `seeds`. */
  readonly bySeed: readonly number[];
  /** Of Wilcoxon's signed rank test over cases; 1 where none differs. */
  readonly p: number;
  /** Corrected by Holm for all answers of the table. */
  readonly corrected: number;
  /** `higher` and `lower`: corrected p below 0.05, and all seeds on one side. */
  readonly verdict: "higher" | "lower" | "no difference";
}

/**
 * The answers that the scores give, paired by case and seed: scores of the same case after the same seed's data order.
 * The mean over seeds is taken first, so cases count once however many seeds there are.
 */
export function answersOf(
  questions: readonly Question[],
  scores: readonly Scored[],
  cases: readonly TestCase[],
): Answer[] {
  const found = questions.flatMap((question) =>
    promptWays.flatMap((prompts) => answerOf(question, prompts, scores, cases) ?? []),
  );
  const corrected = holm(found.map(({ p }) => p));
  return found.map((answer, i) => ({ ...answer, corrected: corrected[i]!, verdict: verdictOf(answer, corrected[i]!) }));
}

type Uncorrected = Omit<Answer, "corrected" | "verdict">;

function answerOf(
  question: Question,
  prompts: PromptWay,
  scores: readonly Scored[],
  cases: readonly TestCase[],
): Uncorrected | undefined {
  const chosen = new Set(cases.filter((item) => isChosen(item, question.cases)).map((item) => item.case));
  const of = (arm: string) =>
    new Map(
      scores
        .filter((score) => score.arm === arm && score.prompts === prompts && chosen.has(score.case))
        .map((score) => [`${score.seed} ${score.case}`, score]),
    );
  const [first, second] = [of(question.first), of(question.second)];
  const pairs = [...first].flatMap(([key, score]) => {
    const other = second.get(key);
    return other === undefined ? [] : [{ ...score, difference: score.dscAuc - other.dscAuc }];
  });
  if (pairs.length === 0) return undefined;
  const seeds = [...new Set(pairs.map(({ seed }) => seed))].sort((a, b) => a - b);
  const byCase = [...new Set(pairs.map((pair) => pair.case))].sort().map((name) => {
    return mean(pairs.filter((pair) => pair.case === name).map(({ difference }) => difference));
  });
  const zeros = byCase.map(() => 0);
  const random = randomStream(1, "ablation", question.first, question.second, prompts);
  return {
    question,
    prompts,
    cases: byCase.length,
    seeds,
    difference: pairedBootstrap(byCase, zeros, { random }),
    bySeed: seeds.map((seed) => mean(pairs.filter((pair) => pair.seed === seed).map(({ difference }) => difference))),
    p: wilcoxonSignedRank(byCase, zeros)?.p ?? 1,
  };
}

function isChosen({ objects, anisotropy }: TestCase, choice: CaseChoice): boolean {
  if (choice === "anisotropic") return anisotropy >= anisotropicFrom;
  return choice === "all" || objects > 1;
}

function verdictOf({ bySeed, difference }: Uncorrected, corrected: number): Answer["verdict"] {
  const isOneSided = bySeed.every((value) => Math.sign(value) === Math.sign(difference.mean));
  if (corrected >= significance || !isOneSided || difference.mean === 0) return "no difference";
  return difference.mean > 0 ? "higher" : "lower";
}

/** Holm's step-down correction (1979) of the p of several tests, in their order. */
export function holm(values: readonly number[]): number[] {
  const order = values.map((_, i) => i).sort((a, b) => values[a]! - values[b]!);
  const corrected = new Array<number>(values.length);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (values.length - rank) * values[index]!));
    corrected[index] = largest;
  });
  return corrected;
}

/** What an arm reached with one way of prompting. */
export interface ArmScore {
  readonly seeds: readonly number[];
  readonly cases: number;
  /** Means over cases, each the mean over seeds, with intervals over cases. */
  readonly dscAuc: Interval;
  readonly dscFinal: Interval;
  /** Mean DSC after the last click over small objects and seeds, and how many objects these are; NaN for none. */
  readonly small: { readonly dsc: number; readonly objects: number };
}

export function armScore(scores: readonly Scored[], arm: string, prompts: PromptWay): ArmScore | undefined {
  const ofArm = scores.filter((score) => score.arm === arm && score.prompts === prompts);
  if (ofArm.length === 0) return undefined;
  const names = [...new Set(ofArm.map((score) => score.case))].sort();
  const seeds = [...new Set(ofArm.map(({ seed }) => seed))].sort((a, b) => a - b);
  const overCases = (key: "dscAuc" | "dscFinal") => {
    const values = names.map((name) => mean(ofArm.filter((score) => score.case === name).map((score) => score[key])));
    return bootstrapInterval(values, { random: randomStream(1, "ablation", arm, prompts, key) });
  };
  const small = ofArm.flatMap((score) => score.small);
  return {
    seeds,
    cases: names.length,
    dscAuc: overCases("dscAuc"),
    dscFinal: overCases("dscFinal"),
    small: { dsc: mean(small), objects: ofArm.filter(({ seed }) => seed === seeds[0]).flatMap((s) => s.small).length },
  };
}
