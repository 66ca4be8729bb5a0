import { beforeAll, expect, test } from "vitest";
import type { ClickRule } from "../prompts/index.ts";
import { openDevice, tf } from "../tensors/index.ts";
import { loadModel } from "./segmenter.ts";
import { simulateCase } from "./simulateCase.ts";
import { minuteConfig, minuteModel } from "./testing/index.ts";

beforeAll(async () => {
  await openDevice("cpu");
});

test("a segmenter plays the loop and leaves no tensor behind", async () => {
  const segmenter = loadModel(minuteModel(-2), minuteConfig);
  const size = [8, 8, 8] as const;
  const image = { data: Uint8Array.from({ length: 512 }, (_, i) => i % 256), shape: size };
  const labels = { data: Uint16Array.from({ length: 512 }, (_, i) => (i % 8 > 4 ? 300 : 0)), shape: size };
  const before = tf.memory().numTensors;
  let clock = 0;
  const result = await simulateCase(segmenter, image, labels, {
    labels: [300],
    clickRule: firstError,
    crops: "object",
    maxVoxels: 4096,
    now: () => clock++,
  });
  expect(tf.memory().numTensors).toBe(before);
  expect(result.maps).toHaveLength(5);
  expect(result.seconds).toEqual([1, 1, 1, 1, 1]);
  for (const map of result.maps)
    expect([...new Set(map.data)].every((label) => label === 0 || label === 300)).toBe(true);
  segmenter.dispose();
});

const firstError: ClickRule = (wanted, got, labels) =>
  new Map(
    labels.map((label) => {
      const i = wanted.data.findIndex((value, k) => (value === label) !== (got.data[k] === label));
      return [label, { at: [i >> 6, (i >> 3) & 7, i & 7] as const, foreground: wanted.data[i] === label }];
    }),
  );

test("a truth of another shape is refused", async () => {
  const segmenter = loadModel(minuteModel(), minuteConfig);
  const image = { data: new Uint8Array(5), shape: [1, 1, 5] as const };
  const truth = { data: new Uint8Array(6), shape: [1, 1, 6] as const };
  const options = { labels: [3], clickRule: firstError, crops: "object" as const, maxVoxels: 512, now: () => 0 };
  await expect(simulateCase(segmenter, image, truth, options)).rejects.toThrow(
    "truth: expected shape [1,1,5], got [1,1,6]",
  );
  segmenter.dispose();
});
