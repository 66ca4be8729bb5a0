import { expect, test } from "vitest";
import { protocolRow } from "./benchProtocol.ts";
import { line } from "./benchTable.ts";

test("hours of 15 epochs over 4,471 samples", () => {
  const row = protocolRow({ preset: "paper", shape: [128, 128, 256], seconds: 0.5 }, "webgpu, f32");
  // 15 · 4471 = 67,065 steps of half a second: 33,532.5 s.
  expect(row.hours).toBeCloseTo(33_532.5 / 3600, 10);
  expect(row).toMatchObject({ voxels: 4_194_304, samplesPerSecond: 2, epochs: 15, samples: 4471 });
  expect(line(row)).toBe(
    "webgpu, f32: 15 epochs × 4,471 samples: 9.31 h, if every sample has 4,194,304 voxels (preset paper; samples are steps, however many are accumulated for an update)",
  );
});
