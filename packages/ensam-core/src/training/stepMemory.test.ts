import { expect, test } from "vitest";
import { initParameters, parametersFromValues, presets, stepMemory } from "../model/index.ts";
import { heapStatistics, openWasm, resetHeapPeak } from "../tensors/devices/wasm.ts";
import { OutOfMemory, tf } from "../tensors/index.ts";
import { randomStream, type Zyx } from "../voxels/index.ts";
import type { Sample } from "./sample/index.ts";
import { gradientOfInteractions } from "./step.ts";
import { trainStep } from "./trainStep.ts";

const clicks = [{ at: [5, 6, 7] as const, foreground: true }];

function emptyInput(side: number) {
  const count = side ** 3;
  return { volume: new Float32Array(count), target: new Uint8Array(count), shape: [side, side, side] as Zyx };
}

test.each([
  ["tiny", 48],
  ["small", 32],
] as const)(
  "the estimate of a step of preset %s at side %i is within 25 %% of what is measured",
  async (preset, side) => {
    const device = await openWasm({ threads: 2 });
    const config = presets[preset];
    resetHeapPeak();
    const before = heapStatistics().heapBytes;
    const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
    const { gradients } = await gradientOfInteractions(parameters, config, emptyInput(side), 2, () => ({ clicks }));
    // Momentum and the gradients gathered over samples stay through a step of training.
    const kept = 2 * Object.values(parameters).reduce((sum, { size }) => sum + 4 * size, 0);
    const measured = heapStatistics().peakHeapBytes - before + kept;
    const ratio = stepMemory(config, [side, side, side]) / measured;
    expect(ratio).toBeGreaterThan(0.75);
    expect(ratio).toBeLessThan(1.25);
    tf.dispose([parameters, gradients]);
    device.dispose();
  },
);

test("a step that cannot fit is refused before anything is computed", async () => {
  const device = await openWasm({ threads: 1, memoryBytes: 32 * 2 ** 20 });
  const config = presets.tiny;
  const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
  const tensors = tf.memory().numTensors;
  const step = trainStep(parameters, config, emptyInput(64) as unknown as Sample, 5);
  await expect(step).rejects.toThrow(OutOfMemory);
  await expect(step).rejects.toThrow(/a training step on 64 x 64 x 64 voxels/);
  expect(tf.memory().numTensors).toBe(tensors);
  device.dispose();
});
