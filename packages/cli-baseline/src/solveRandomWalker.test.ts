import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { seed, solveRandomWalker } from "./solveRandomWalker.ts";

interface Golden {
  readonly shape: [number, number, number];
  readonly image: number[];
  readonly seeds: number[];
  readonly solutions: { beta: number; spacing: [number, number, number]; foreground: number[] }[];
}

const golden = JSON.parse(readFileSync(new URL("./fixtures/randomWalker.json", import.meta.url), "utf8")) as Golden;

test("probabilities are scikit-image's, for isotropic and for long voxels", () => {
  const values = Float32Array.from(golden.image, (value) => value / 255);
  const seeds = Uint8Array.from(golden.seeds);
  for (const { beta, spacing, foreground } of golden.solutions) {
    const found = solveRandomWalker({ data: values, shape: golden.shape }, seeds, { beta, spacing });
    const largest = Math.max(...found.map((value, i) => Math.abs(value - foreground[i]!)));
    expect(largest).toBeLessThan(1e-4);
  }
});

test("on a line of equal values the probability falls evenly between the seeds", () => {
  const seeds = Uint8Array.of(seed.foreground, 0, 0, 0, seed.background);
  const line = { data: new Float32Array(5).fill(0.5), shape: [1, 1, 5] as const };
  const found = solveRandomWalker(line, seeds, { beta: 130, spacing: [1, 1, 1] });
  for (const [i, wanted] of [1, 0.75, 0.5, 0.25, 0].entries()) expect(found[i]).toBeCloseTo(wanted, 5);
});

test("one kind of seed alone is refused", () => {
  const seeds = Uint8Array.of(seed.foreground, 0);
  expect(() =>
    solveRandomWalker({ data: Float32Array.of(0, 1), shape: [1, 1, 2] }, seeds, { beta: 1, spacing: [1, 1, 1] }),
  ).toThrow("seeds: expected both kinds, got one");
});
