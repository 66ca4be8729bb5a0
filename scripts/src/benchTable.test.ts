import { expect, test } from "vitest";
import type { OperatorRow, StepRow } from "./benchRows.ts";
import { line } from "./benchTable.ts";

const head = { device: "webgpu", variant: "f32" };
const operator: OperatorRow = {
  ...{ type: "operator", ...head, operator: "conv 3³ 16→16", grid: [128, 128, 256], pass: "forward" },
  ...{ seconds: 0.0125, fastest: 0.012, slowest: 0.013 },
};
const step: StepRow = {
  ...{ type: "step", ...head, preset: "paper", shape: [64, 64, 64], part: "training step" },
  ...{ seconds: 0.25, fastest: 0.2, slowest: 0.3, samples: 3, gflops: 4321, peakHeapBytes: 412 * 2 ** 20 },
};

const cells = (row: Parameters<typeof line>[0]) => line(row)!.trim().split(/ {2,}/);

test("an operator's line has its shape and rate, in TFLOP/s from 1000 GFLOP/s on", () => {
  const shared = ["128×128×256", "f32", "conv 3³ 16→16", "forward", "12.50 ms"];
  expect(cells({ ...operator, gflops: 999.94 })).toEqual([...shared, "999.9 GFLOP/s"]);
  expect(cells({ ...operator, gflops: 4640 })).toEqual([...shared, "4.64 TFLOP/s"]);
  expect(cells({ ...operator, gigabytesPerSecond: 2.6789 })).toEqual([...shared, "2.68 GB/s"]);
});

test("a step's line has its range, memory and, of training, samples per second", () => {
  const shared = ["0.250 s", "0.200 to 0.300 s", "4.32 TFLOP/s"];
  expect(cells(step)).toEqual(["64³", "f32", "paper training step", ...shared, "412 MiB", "4.00 samples/s"]);
  expect(cells({ ...step, part: "encoder", peakHeapBytes: 0 })).toEqual(["64³", "f32", "paper encoder", ...shared]);
});

test("PyTorch's line has the ratio to ours, by variant where there are several", () => {
  const torch = {
    ...{ type: "torch step" as const, what: "paper training step", shape: [64, 64, 64] as const },
    ...{ mode: "f32", layout: "contiguous", seconds: 0.5, fastest: 0.5, slowest: 0.5, peakBytes: 2 ** 30 },
  };
  expect(cells({ ...torch, ratios: { f32: 2 } })).toEqual([
    ...["64³", "PyTorch", "paper training step", "0.500 s", "2.00 times ours", "1024 MiB", "f32, contiguous"],
  ]);
  expect(line({ ...torch, ratios: { f32: 2, f16: 4 } })).toContain(" 2.00 (f32), 4.00 (f16) times ours ");
  expect(line({ ...torch, ratios: {} })).not.toContain("ours");
});

test("a software adapter's heading says that its times mean nothing", () => {
  const gpu = {
    ...{ vendor: "google", architecture: "swiftshader", name: "", description: "SwiftShader driver 5.0.0" },
    ...{ features: ["subgroups"], limits: { maxBufferSize: 1024 }, tiles: [0, 1] },
  };
  const heading = (isSoftware: boolean) =>
    line({ type: "device", ...head, description: "webgpu: it", gpu: { ...gpu, isSoftware } })!.split("\n");
  expect(heading(false)).toEqual([
    "webgpu: it; f32",
    "  adapter: google, swiftshader, SwiftShader driver 5.0.0",
    "  limits: maxBufferSize 1024",
    "  features: subgroups; tiles 0 1",
  ]);
  expect(heading(true).slice(4)).toEqual(["  software adapter: times mean nothing about a GPU"]);
});

test("what is left out is said with its reason, and small shares are not said", () => {
  expect(line({ type: "omitted", what: "bandwidth", reason: "time budget" })).toBe("without bandwidth: time budget");
  const share = { ...head, preset: "tiny" as const, shape: [16, 16, 16] as const, part: "encoder" as const };
  const row = { type: "share" as const, ...share, kernel: "Add", calls: 3, seconds: 0.1 };
  expect(line({ ...row, share: 0.019 })).toBeUndefined();
  expect(line({ ...row, share: 0.02 })).toContain("2.0 %");
});
