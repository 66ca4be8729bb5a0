import { readFileSync } from "node:fs";
import { allowedCases, isBudget } from "@ensam/core/command";
import { missing, sharedPath } from "@ensam/core/files/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Candidate, chooseCases } from "./chooseCases.ts";
import { commonCeiling } from "./waterFilling.ts";

const sizesOf = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 12 });
const rules = { excludeDatasets: [], excludeModalities: [], fill: true, seed: 1 };

function candidatesOf(sizes: readonly number[]): Candidate[] {
  return sizes.flatMap((size, d) =>
    Array.from({ length: size }, (_, i) => ({ case: `D${d}_${i}`, modality: "CT", dataset: `D${d}` })),
  );
}

function gaveOf(sizes: readonly number[], budget: number, seed = 1): number[] {
  const candidates = candidatesOf(sizes);
  const { leftOut } = chooseCases(candidates, { ...rules, budget, seed });
  return sizes.map((_, d) => candidates.filter((c, i) => c.dataset === `D${d}` && leftOut[i] === undefined).length);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const totalAt = (sizes: readonly number[], ceiling: number): number => sum(sizes.map((n) => Math.min(n, ceiling)));

test("without --fill each dataset gives at most budget / N, N counting the datasets that are not left out", () => {
  const candidates = candidatesOf([2, 9, 30, 50]);
  const gave = (excludeDatasets: string[]) => {
    const { leftOut } = chooseCases(candidates, { ...rules, fill: false, budget: 21, excludeDatasets });
    return [0, 1, 2, 3].map(
      (d) => candidates.filter(({ dataset }, i) => dataset === `D${d}` && leftOut[i] === undefined).length,
    );
  };
  // 21 / 4 = 5.25 and 21 / 3 = 7; D0 leaves 3 or 5 of the budget, which stay unused.
  expect(gave([])).toEqual([2, 5, 5, 5]);
  expect(gave(["D3"])).toEqual([2, 7, 7, 0]);
});

test("with --fill small datasets come whole and the others share the rest", () => {
  // ceiling 4: 2 + 4 + 4 = 10 <= 11; ceiling 5 would be 2 + 5 + 5 = 12
  expect(commonCeiling([2, 9, 30], 11)).toBe(4);
  expect(gaveOf([2, 9, 30], 11)).toEqual([2, 4, 4]);
});

test("a budget that holds everything has no ceiling", () => {
  expect(commonCeiling([2, 3], 5)).toBe(Number.POSITIVE_INFINITY);
  expect(gaveOf([2, 3], 5)).toEqual([2, 3]);
  expect(gaveOf([2, 3], 4)).toEqual([2, 2]);
});

test("fewer cases than datasets: one each from as many datasets as the budget has", () => {
  const gave = gaveOf([5, 5, 5, 5], 3);
  expect(sum(gave)).toBe(3);
  expect(Math.max(...gave)).toBe(1);
});

test("the budget is kept, and the next higher ceiling would pass it", () => {
  fc.assert(
    fc.property(sizesOf, fc.integer({ min: 1, max: 300 }), (sizes, budget) => {
      const ceiling = commonCeiling(sizes, budget);
      const total = sum(gaveOf(sizes, budget));
      expect(total).toBeLessThanOrEqual(budget);
      if (!Number.isFinite(ceiling)) expect(total).toBe(sum(sizes));
      else if (ceiling > 0) {
        expect(total).toBe(totalAt(sizes, ceiling));
        expect(totalAt(sizes, ceiling + 1)).toBeGreaterThan(budget);
      } else expect(total).toBe(budget);
    }),
  );
});

test("datasets up to the ceiling are whole and all others give exactly the ceiling", () => {
  fc.assert(
    fc.property(sizesOf, fc.integer({ min: 12, max: 300 }), (sizes, budget) => {
      const ceiling = commonCeiling(sizes, budget);
      expect(gaveOf(sizes, budget)).toEqual(sizes.map((n) => Math.min(n, ceiling)));
    }),
  );
});

test("the choice does not depend on the order of the rows, and a larger budget only adds cases", () => {
  fc.assert(
    fc.property(sizesOf, fc.integer({ min: 12, max: 100 }), fc.integer({ min: 0, max: 50 }), (sizes, budget, more) => {
      const candidates = candidatesOf(sizes);
      const chosen = (list: readonly Candidate[], most: number): string[] => {
        const { leftOut } = chooseCases(list, { ...rules, budget: most });
        return list.filter((_, i) => leftOut[i] === undefined).map((c) => c.case);
      };
      const names = chosen(candidates, budget).sort();
      expect(chosen(candidates.toReversed(), budget).sort()).toEqual(names);
      const larger = chosen(candidates, budget + more);
      expect(names.filter((name) => !larger.includes(name))).toEqual([]);
    }),
  );
});

test("another seed chooses other cases, the same seed the same", () => {
  const candidates = candidatesOf([100]);
  const chosen = (seed: number) => chooseCases(candidates, { ...rules, seed, budget: 10 }).leftOut;
  expect(chosen(1)).toEqual(chosen(1));
  expect(chosen(1)).not.toEqual(chosen(2));
});

test("within a dataset every case is chosen about equally often", () => {
  const candidates = candidatesOf([10]);
  const counts = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 1000; seed++) {
    const { leftOut } = chooseCases(candidates, { ...rules, seed, budget: 3 });
    leftOut.forEach((reason, i) => {
      if (reason === undefined) counts[i]! += 1;
    });
  }
  // 1000 draws of 3 in 10: 300 on average, deviation sqrt(1000 * 0.3 * 0.7) = 14.5; five deviations are 72
  for (const count of counts) expect(Math.abs(count - 300)).toBeLessThan(72);
});

test("a budget is a count or a share, rounded down", () => {
  expect(["4471", "10%", "0.5%", "100%"].every(isBudget)).toBe(true);
  expect(["0", "-1", "1.5", "0%", "101%", "ten", "", "10 %"].some(isBudget)).toBe(false);
  expect(allowedCases("10%", 44_710)).toBe(4471);
  expect(allowedCases("10%", 19)).toBe(1);
  expect(allowedCases("1.1%", 1000)).toBe(11);
  expect(allowedCases("7", 3)).toBe(7);
});

test.skipIf(missing("golden", "names").isMissing)(
  "the challenge's datasets with the paper's budget and exclusions",
  () => {
    const list = sharedPath("golden", "names", "cases.ndjson");
    const names = readFileSync(list, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Candidate & { lists: string[] });
    const candidates = names.filter(({ lists }) => lists.includes("train"));
    const paper = {
      ...rules,
      budget: 4471,
      excludeDatasets: ["CT_Aorta"],
      excludeModalities: ["Microscopy"],
      seed: 2025,
    };
    const { ceiling, leftOut } = chooseCases(candidates, paper);
    const chosen = candidates.filter((_, i) => leftOut[i] === undefined);
    expect(chosen.length).toBeLessThanOrEqual(4471);
    expect(chosen.some((c) => c.dataset === "CT_Aorta" || c.modality === "Microscopy")).toBe(false);
    const kept = candidates.filter((c) => c.dataset !== "CT_Aorta" && c.modality !== "Microscopy");
    const sizes = [...countBy(kept).values()];
    expect([...countBy(chosen).values()].sort(ascending)).toEqual(
      sizes.map((n) => Math.min(n, ceiling)).sort(ascending),
    );
    expect(totalAt(sizes, ceiling + 1)).toBeGreaterThan(4471);
  },
);

function countBy(list: readonly Candidate[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { dataset } of list) counts.set(dataset, (counts.get(dataset) ?? 0) + 1);
  return counts;
}

function ascending(a: number, b: number): number {
  return a - b;
}
