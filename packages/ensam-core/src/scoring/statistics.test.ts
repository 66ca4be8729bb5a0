import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { randomStream } from "../voxels/index.ts";
import { readJsonFixture } from "../voxels/testing/fixtures.ts";
import { bootstrapInterval } from "./bootstrap.ts";
import { mean } from "./mean.ts";
import { normalTail } from "./normalTail.ts";
import { pairedBootstrap } from "./pairedBootstrap.ts";
import { wilcoxonSignedRank } from "./wilcoxon.ts";

interface Statistics {
  wilcoxon: { first: number[]; second: number[]; method: "exact" | "asymptotic"; statistic: number; p: number }[];
  normalTails: { z: number; tail: number }[];
  means: { values: number[]; mean: number }[];
}
const fixture = readJsonFixture<Statistics>(new URL("./fixtures/statistics.json", import.meta.url));

describe("the mean", () => {
  it("is numpy's to the last bit, however many values", () => {
    for (const { values, mean: want } of fixture.means)
      expect([values.length, mean(values), mean(Float64Array.from(values))]).toEqual([values.length, want, want]);
    expect(mean([])).toBeNaN();
  });
});

describe("the bootstrap interval", () => {
  it("holds the mean, and is as wide as the theory of large samples says", () => {
    const random = randomStream(1, "values");
    const values = Array.from({ length: 400 }, () => random.normal());
    const interval = bootstrapInterval(values, { random: randomStream(1, "resamples") });
    expect(interval.low < interval.mean && interval.mean < interval.high).toBe(true);
    // 2 x 1.96 / sqrt(400) = 0.196
    expect(Math.abs(interval.high - interval.low - 0.196)).toBeLessThan(0.03);
  });

  it("is a point for one value or equal ones, and repeats with the same stream", () => {
    const options = () => ({ random: randomStream(2), resamples: 50 });
    expect(bootstrapInterval([0.5], options())).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
    expect(bootstrapInterval([], options()).mean).toBeNaN();
    expect(bootstrapInterval([1, 2, 5], options())).toEqual(bootstrapInterval([1, 2, 5], options()));
  });
});

describe("the paired bootstrap", () => {
  it("finds a clear difference and none where there is none", () => {
    const random = randomStream(3, "scores");
    const second = Array.from({ length: 100 }, () => random.float());
    const better = second.map((value) => value + 0.1 + 0.1 * random.normal());
    const alike = second.map((value, i) => value + (i % 2 === 0 ? 0.1 : -0.1));
    const found = pairedBootstrap(better, second, { random: randomStream(3) });
    expect(found.low).toBeGreaterThan(0);
    expect(found.p).toBeLessThan(0.01);
    expect(pairedBootstrap(alike, second, { random: randomStream(3) }).p).toBeGreaterThan(0.5);
    expect(() => pairedBootstrap([1], [1, 2], { random })).toThrow("expected pairs of scores, got 1 and 2");
  });

  it("is the other way round with the scores exchanged", () => {
    const scores = fc.array(
      fc.tuple(fc.float({ min: 0, max: 1, noNaN: true }), fc.float({ min: 0, max: 1, noNaN: true })),
      {
        minLength: 1,
        maxLength: 20,
      },
    );
    fc.assert(
      fc.property(scores, (pairs) => {
        const [a, b] = [pairs.map(([value]) => value), pairs.map(([, value]) => value)];
        const there = pairedBootstrap(a, b, { random: randomStream(4), resamples: 200 });
        const back = pairedBootstrap(b, a, { random: randomStream(4), resamples: 200 });
        expect(back.low).toBeCloseTo(-there.high, 10);
        expect(back.p).toBe(there.p);
      }),
    );
  });
});

describe("the signed rank test", () => {
  it("gives scipy's statistic and p", () => {
    for (const { first, second, method, statistic, p } of fixture.wilcoxon) {
      const got = wilcoxonSignedRank(first, second)!;
      expect([got.statistic, got.exact]).toEqual([statistic, method === "exact"]);
      expect(Math.abs(got.p - p)).toBeLessThanOrEqual(1e-10 * p);
    }
  });

  it("has no answer where no pair differs", () => {
    expect(wilcoxonSignedRank([0.5, 0.5], [0.5, 0.5])).toBeUndefined();
  });
});

describe("the tail of the normal distribution", () => {
  it("is scipy's, far out too", () => {
    for (const { z, tail } of fixture.normalTails) {
      expect(Math.abs(normalTail(z) - tail)).toBeLessThanOrEqual(1e-12 * tail);
    }
  });
});
