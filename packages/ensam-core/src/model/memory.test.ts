import { expect, test } from "vitest";
import { expectMemory } from "../tensors/expectMemory.ts";
import { OutOfMemory, tf } from "../tensors/index.ts";
import { heapStatistics, openWasm, resetHeapPeak } from "../tensors/wasm/openWasm.ts";
import { decode, encode, encodedTensors, predictionMemory, presets } from "./index.ts";
import { freshParameters } from "./testing/freshModel.ts";

test("the estimate of a prediction is within 25 % of what is measured", async () => {
  const device = await openWasm({ threads: 1 });
  for (const [preset, side] of [
    ["tiny", 48],
    ["small", 32],
  ] as const) {
    const config = presets[preset];
    resetHeapPeak();
    const before = heapStatistics().heapBytes;
    const parameters = freshParameters(config);
    const volume = tf.zeros([1, side, side, side, 1]);
    const encoded = encode(parameters, config, volume);
    const prompts = { clicks: [{ at: [5, 6, 7] as const, foreground: true }] };
    const logits = decode(parameters, config, encoded, prompts);
    decode(parameters, config, encoded, prompts, logits).dispose();
    const measured = heapStatistics().peakHeapBytes - before;
    const ratio = predictionMemory(config, [side, side, side]) / measured;
    expect(ratio, `${preset} ${side}`).toBeGreaterThan(0.75);
    expect(ratio, `${preset} ${side}`).toBeLessThan(1.25);
    tf.dispose([volume, logits, ...encodedTensors(encoded), ...Object.values(parameters)]);
  }
  device.dispose();
});

test("what cannot fit is refused before it begins, with both figures", async () => {
  const device = await openWasm({ threads: 1, memoryBytes: 32 * 2 ** 20 });
  expectMemory("something small", 2 ** 20);
  expect(() => expectMemory("a step", 64 * 2 ** 20)).toThrow(OutOfMemory);
  expect(() => expectMemory("a step", 64 * 2 ** 20)).toThrow(/a step.*32\.0 MiB.*64\.0 MiB/);
  device.dispose();
});
