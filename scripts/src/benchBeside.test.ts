import { expect, test } from "vitest";
import { besideOurs, timeBeside } from "./benchBeside.ts";
import type { StepRow } from "./benchRows.ts";

const step: StepRow = {
  ...{
    type: "step",
    device: "wasm",
    variant: "2 threads",
    preset: "small",
    shape: [48, 48, 48],
    part: "training step",
  },
  ...{ seconds: 1, fastest: 0.9, slowest: 1.2, samples: 3, gflops: 30, peakHeapBytes: 110 },
};

test("an older build's step stands beside ours of the same shape: 1.8 s to 1 s, 110 bytes to 100", () => {
  const older = { ...step, seconds: 1.8, peakHeapBytes: 100 };
  const other: StepRow = { ...step, shape: [40, 40, 40], seconds: 7 };
  expect(besideOurs("../before", older, [other, step])).toMatchObject({
    of: "../before",
    ratio: 1.8,
    memoryRatio: 1.1,
  });
  expect(besideOurs("../before", older, [other])).not.toHaveProperty("ratio");
});

test("a folder that is no build is said to be left out, not passed over", async () => {
  const job = { folder: "/nowhere", device: "wasm", preset: "small", shape: step.shape, threads: 2, repeat: 1 };
  const rows = [];
  for await (const row of timeBeside(job, [step])) rows.push(row);
  expect(rows).toMatchObject([{ type: "omitted", what: "the rest of /nowhere" }]);
});
