import { randomStream } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import type { Question } from "./arms.ts";
import { answersOf, armScore, holm, type Scored, type TestCase } from "./compareArms.ts";

const cases: TestCase[] = Array.from({ length: 24 }, (_, i) => ({
  case: `case${i}`,
  objects: 1 + (i % 3),
  anisotropy: i % 2 === 0 ? 1.2 : 3,
}));
const question: Question = { words: "a for b", first: "a", second: "b", cases: "all" };

/** Scores of two arms: noise by case and seed, shared by the arms, and what `effect` adds to the first. */
function scored(effect: (seed: number, item: TestCase, index: number) => number, seeds = [1, 2, 3]): Scored[] {
  return seeds.flatMap((seed) =>
    cases.flatMap((item, index) => {
      const random = randomStream(seed, item.case);
      const base = random.uniform(0.5, 3);
      const own = random.uniform(-0.05, 0.05);
      const of = (arm: string, dscAuc: number): Scored => {
        return { arm, seed, prompts: "box", case: item.case, dscAuc, dscFinal: dscAuc / 4, small: [] };
      };
      return [of("a", base + own + effect(seed, item, index)), of("b", base)];
    }),
  );
}

test("an arm that is better in all seeds is called so, with the difference that was put in", () => {
  const [answer] = answersOf(
    [question],
    scored(() => 0.3),
    cases,
  );
  expect(answer).toMatchObject({ verdict: "higher", cases: 24, seeds: [1, 2, 3] });
  expect(answer!.difference.mean).toBeCloseTo(0.3, 1);
  expect(answer!.difference.low).toBeGreaterThan(0.27);
  expect(answer!.difference.high).toBeLessThan(0.33);
  expect(
    answersOf(
      [question],
      scored(() => -0.3),
      cases,
    )[0],
  ).toMatchObject({ verdict: "lower" });
});

test("pairing by case takes out what is shared: arms that differ by noise alone are not told apart", () => {
  const [answer] = answersOf(
    [question],
    scored(() => 0),
    cases,
  );
  expect(answer!.verdict).toBe("no difference");
  expect(answer!.p).toBeGreaterThan(0.05);
  const same = scored(() => 0).map((score) => ({ ...score, dscAuc: 1 }));
  expect(answersOf([question], same, cases)[0]).toMatchObject({ p: 1, corrected: 1, verdict: "no difference" });
});

test("a difference that one seed has and another has not is none, however small its p", () => {
  const [answer] = answersOf(
    [question],
    scored((seed) => (seed === 1 ? 1 : -0.1)),
    cases,
  );
  expect(answer!.corrected).toBeLessThan(0.001);
  expect(answer!.bySeed.map(Math.sign)).toEqual([1, -1, -1]);
  expect(answer!.verdict).toBe("no difference");
});

test("more seeds are no more cases: three copies of one seed give the p of one", () => {
  const one = scored((_, __, i) => (i % 2 === 0 ? 0.2 : -0.1), [1]);
  const three = [1, 2, 3].flatMap((seed) => one.map((score) => ({ ...score, seed })));
  const [alone, copies] = [one, three].map((scores) => answersOf([question], scores, cases)[0]!);
  expect(copies!.p).toBe(alone!.p);
  expect(copies!.cases).toBe(24);
});

test("a question about some cases counts these alone, and scores that lack their partner are left out", () => {
  const thick: Question = { ...question, cases: "anisotropic" };
  const several: Question = { ...question, cases: "several objects" };
  const effect = (_: number, item: TestCase) => (item.anisotropy > 2 ? 0.5 : -0.5);
  expect(answersOf([thick], scored(effect), cases)[0]).toMatchObject({ cases: 12, verdict: "higher" });
  expect(answersOf([several], scored(effect), cases)[0]).toMatchObject({ cases: 16 });
  const partial = scored(() => 0.3).filter(({ arm, seed }) => arm === "b" || seed === 2);
  expect(answersOf([question], partial, cases)[0]!.seeds).toEqual([2]);
  expect(
    answersOf(
      [question],
      partial.filter(({ arm }) => arm === "b"),
      cases,
    ),
  ).toEqual([]);
});

test("Holm's correction: each p times the tests not yet decided, never falling, at most 1", () => {
  // Sorted 0.01, 0.02, 0.03, 0.5: times 4, 3, 2, 1 gives 0.04, 0.06, 0.06, 0.5.
  const corrected = holm([0.03, 0.01, 0.5, 0.02]);
  expect(corrected.map((value) => value.toFixed(6))).toEqual(["0.060000", "0.040000", "0.500000", "0.060000"]);
  expect(holm([0.6, 0.7])).toEqual([1, 1]);
});

test("an arm's means are over cases, its small objects over all", () => {
  const scores: Scored[] = [
    { arm: "a", seed: 1, prompts: "box", case: "x", dscAuc: 2, dscFinal: 0.5, small: [0.2, 0.4] },
    { arm: "a", seed: 2, prompts: "box", case: "x", dscAuc: 4, dscFinal: 0.7, small: [0.6, 0.8] },
    { arm: "a", seed: 1, prompts: "box", case: "y", dscAuc: 1, dscFinal: 0.2, small: [] },
  ];
  const score = armScore(scores, "a", "box")!;
  expect(score).toMatchObject({ seeds: [1, 2], cases: 2, small: { objects: 2 } });
  expect([score.dscAuc.mean, score.dscFinal.mean, score.small.dsc].map((v) => v.toFixed(3))).toEqual([
    "2.000",
    "0.400",
    "0.500",
  ]);
  expect(armScore(scores, "a", "clicks")).toBeUndefined();
});
