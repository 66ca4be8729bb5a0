import { expect, test } from "vitest";
import type { OperatorRow, StepRow } from "./benchRows.ts";
import { besideOurs } from "./benchTorch.ts";

const shape = [64, 128, 128] as const;
const step: StepRow = {
  ...{ type: "step", device: "webgpu", variant: "f32", preset: "paper", shape, part: "training step" },
  ...{ seconds: 0.5, fastest: 0.5, slowest: 0.5, samples: 3, gflops: 1, peakHeapBytes: 1 },
};
const operator: OperatorRow = {
  ...{ type: "operator", device: "webgpu", variant: "f32", operator: "conv 3³ 48→16", grid: shape, pass: "forward" },
  ...{ seconds: 0.25, fastest: 0.25, slowest: 0.25 },
};
const times = { mode: "f32", layout: "contiguous", seconds: 1, fastest: 0.9, slowest: 1.1 };

test("a step of PyTorch is compared with the same step of each variant, and no other", () => {
  const ours = [
    step,
    { ...step, variant: "f16", seconds: 0.25 },
    { ...step, variant: "a", shape: [64, 64, 128] as const },
    { ...step, variant: "b", part: "encoder" as const },
    { ...step, variant: "c", preset: "tiny" as const },
    operator,
  ];
  const theirs = { type: "step" as const, part: "training step" as const, preset: "paper", shape, ...times };
  const row = besideOurs({ ...theirs, peakBytes: 7 }, ours);
  // 1 s there, 0.5 and 0.25 s here.
  expect(row).toEqual({
    ...{ type: "torch step", what: "paper training step", shape, ...times, peakBytes: 7 },
    ratios: { f32: 2, f16: 4 },
  });
});

test("a convolution of PyTorch is compared with the same pass of the same one", () => {
  const ours = [
    operator,
    { ...operator, variant: "a", pass: "input gradient" as const },
    { ...operator, variant: "b", operator: "conv 3³ 16→48" },
    { ...operator, variant: "c", operator: "decoder 0: conv 3³ 48→16" },
    { ...operator, variant: "d", grid: [64, 64, 128] as const },
    step,
  ];
  const theirs = { type: "convolution" as const, pass: "forward" as const, inputs: 48, outputs: 16, grid: shape };
  const row = besideOurs({ ...theirs, ...times }, ours);
  expect(row).toMatchObject({ type: "torch operator", what: "conv 3³ 48→16 forward", shape, ...times });
  expect(row.ratios).toEqual({ f32: 4 });
  // 2 operations · 27 taps · 48 · 16 channels · 2²⁰ voxels in 1 s.
  expect(row.gflops).toBeCloseTo((2 * 27 * 48 * 16 * 2 ** 20) / 1e9, 6);
});
