import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { caseScores } from "./caseScores.ts";
import { clickAuc } from "./clickAuc.ts";
import { clicksNeeded } from "./clicksNeeded.ts";
import { scoringSpacing } from "./spacingRule.ts";

const call = (dsc: number, nsd: number) => [
  { label: 2, dsc, nsd },
  { label: 7, dsc: dsc / 2, nsd: nsd / 2 },
];
const six = [0.1, 0.3, 0.6, 0.7, 0.8, 0.9].map((dsc) => call(dsc, 0.8));
const quick = [1, 1, 1, 1, 1, 1];

describe("the scores of a case", () => {
  it("are means over classes, with surface Dice 0 while mean Dice is not above 0.2", () => {
    const scores = caseScores({
      calls: [call(0.1, 0.8), call(0.4, 0.8), ...six.slice(2)],
      hasBox: true,
      seconds: quick,
    });
    // Means: (0.1 + 0.05) / 2 = 0.075 and (0.4 + 0.2) / 2 = 0.3, so only the first is under the gate.
    expect(scores.dsc[0]).toBeCloseTo(0.075, 15);
    expect(scores.nsd.slice(0, 2)).toEqual([0, (0.8 + 0.4) / 2]);
    expect([scores.dscFinal, scores.nsdFinal]).toEqual([scores.dsc[5], scores.nsd[5]]);
    expect(scores.classes[1]).toEqual({
      label: 7,
      dsc: [0.05, 0.2, 0.3, 0.35, 0.4, 0.45],
      nsd: [0.4, 0.4, 0.4, 0.4, 0.4, 0.4],
    });
  });

  it("are gated at exactly 0.2 too", () => {
    const calls = six.map(() => [{ label: 1, dsc: 0.2, nsd: 1 }]);
    expect(caseScores({ calls, hasBox: true, seconds: quick }).nsd).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("start with 0 where there is no box and so no call", () => {
    const scores = caseScores({ calls: six.slice(1), hasBox: false, seconds: quick.slice(1) });
    expect([scores.dsc[0], scores.nsd[0], scores.seconds[0], scores.classes[0]!.dsc[0]]).toEqual([0, 0, 0, 0]);
    expect(scores.dsc.length).toBe(6);
  });

  it("are all 0 past 90 seconds for each class, and not at them", () => {
    // Two classes: 180 s in all.
    const at = caseScores({ calls: six, hasBox: true, seconds: [30, 30, 30, 30, 30, 30] });
    expect([at.timedOut, at.secondsAllowed]).toEqual([false, 180]);
    const past = caseScores({ calls: six, hasBox: true, seconds: [30, 30, 30, 30, 30, 30.5] });
    expect([past.timedOut, past.dscAuc, past.nsdAuc, past.dscFinal, past.nsdFinal]).toEqual([true, 0, 0, 0, 0]);
    expect(past.classes).toEqual(at.classes);
    expect(
      caseScores({ calls: six, hasBox: true, seconds: [999, 0, 0, 0, 0, 0], secondsPerClass: Infinity }).timedOut,
    ).toBe(false);
  });

  it("need every call of the model, with the same labels", () => {
    expect(() => caseScores({ calls: six, hasBox: false, seconds: quick })).toThrow(
      "expected 5 calls with seconds, got 6 and 6",
    );
    const other = [[{ label: 3, dsc: 1, nsd: 1 }], ...six.slice(1)];
    expect(() => caseScores({ calls: other, hasBox: true, seconds: quick })).toThrow(
      "expected labels 3 after each call",
    );
  });
});

describe("the area under the clicks", () => {
  it("leaves out the box and is at most 4", () => {
    expect(clickAuc([0, 1, 1, 1, 1, 1])).toBe(4);
    expect(clickAuc([1, 0, 0, 0, 0, 0])).toBe(0);
    // (0.2 + 0.6) / 2 + 0.3 + 0.4 + 0.5
    expect(clickAuc([9, 0.2, 0.3, 0.4, 0.5, 0.6])).toBeCloseTo(1.6, 14);
    expect(() => clickAuc([1, 2])).toThrow("clickAuc: expected 6 scores, got 2");
  });

  it("lies between four times the least and the greatest score", () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(scores, (values) => {
        const clicks = values.slice(1);
        expect(clickAuc(values)).toBeGreaterThanOrEqual(4 * Math.min(...clicks) - 1e-12);
        expect(clickAuc(values)).toBeLessThanOrEqual(4 * Math.max(...clicks) + 1e-12);
      }),
    );
  });
});

describe("the number of clicks needed", () => {
  it("is the first place that reaches the target, 0 for the box", () => {
    const dsc = [0.7, 0.82, 0.8, 0.86, 0.9, 0.88];
    expect([0.7, 0.8, 0.85, 0.9, 0.95].map((target) => clicksNeeded(dsc, target))).toEqual([0, 1, 3, 4, undefined]);
  });
});

describe("the spacing for scoring", () => {
  it("is the stored triple unturned by the challenge's rule, and turned by the physical one", () => {
    expect(scoringSpacing([0.8, 0.9, 5], "challenge")).toEqual([0.8, 0.9, 5]);
    expect(scoringSpacing([0.8, 0.9, 5], "physical")).toEqual([5, 0.9, 0.8]);
  });
});
