import { expect, test } from "vitest";
import { initParameters, parametersFromValues, presets, stepMemory } from "../model/index.ts";
import { scriptedUser } from "../prompts/index.ts";
import { OutOfMemory, tf } from "../tensors/index.ts";
import { heapStatistics, openWasm, resetHeapPeak } from "../tensors/wasm/openWasm.ts";
import { randomStream, type Zyx } from "../voxels/index.ts";
import { gradientOfInteractions } from "./step.ts";
import { ballSample } from "./testing/ballSample.ts";
import { trainStep } from "./trainStep.ts";

const clicks = [{ at: [5, 6, 7] as const, foreground: true }];

function emptyInput(side: number) {
  const count = side ** 3;
  return { volume: new Float32Array(count), target: new Uint8Array(count), shape: [side, side, side] as Zyx };
}

test.each([
  // Of the volume's part of the peak a third is saved; the weights' part is larger for the second case.
  ["tiny", 48, 0.75],
  ["small", 32, 0.88],
] as const)(
  "preset %s at side %i: the estimates of a step are within 25 percent of what is measured; computing again takes %d or less",
  async (preset, side, share) => {
    const device = await openWasm({ threads: 2 });
    const config = presets[preset];
    const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
    const weights = Object.values(parameters).reduce((sum, { size }) => sum + 4 * size, 0);
    const before = heapStatistics().heapBytes - weights;
    const peaks: number[] = [];
    for (const recompute of [true, false]) {
      resetHeapPeak();
      const { gradients } = await gradientOfInteractions(
        parameters,
        config,
        emptyInput(side),
        scriptedUser([{ clicks }, { clicks }]),
        { recompute },
      );
      // Momentum and the gradients gathered over samples stay through a step of training.
      const measured = heapStatistics().peakHeapBytes - before + 2 * weights;
      const ratio = stepMemory(config, [side, side, side], { recompute }) / measured;
      expect(ratio).toBeGreaterThan(0.75);
      expect(ratio).toBeLessThan(1.25);
      peaks.push(measured);
      tf.dispose(gradients);
    }
    expect(peaks[0]! / peaks[1]!).toBeLessThan(share);
    tf.dispose(parameters);
    device.dispose();
  },
);

test("the largest volume of the paper fits 32 GB, and 16 GB with maps computed again", () => {
  const shape = [128, 128, 256] as const;
  // 20 maps of 16 channels, 4 bytes each, and 4.2 copies of 5.5 million weights.
  expect(stepMemory(presets.paper, shape)).toBeCloseTo(4 * (20 * 16 * 4_194_304 + 4.2 * 5_504_625), -1);
  expect(stepMemory(presets.paper, shape)).toBeLessThan(32e9);
  expect(stepMemory(presets.paper, shape, { recompute: true })).toBeLessThan(16e9);
});

test("a step that cannot fit is refused before anything is computed", async () => {
  const device = await openWasm({ threads: 1, memoryBytes: 32 * 2 ** 20 });
  const config = presets.tiny;
  const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
  const tensors = tf.memory().numTensors;
  const step = trainStep(parameters, config, ballSample([64, 64, 64]), 5);
  await expect(step).rejects.toThrow(OutOfMemory);
  await expect(step).rejects.toThrow(/a training step on 64 x 64 x 64 voxels/);
  await expect(step).rejects.toThrow(/got an estimate of \d+\.\d MiB: lower --max-voxels/);
  expect(tf.memory().numTensors).toBe(tensors);
  device.dispose();
});

test("a refused step that would fit with --recompute says so, and then fits", async () => {
  const device = await openWasm({ threads: 1, memoryBytes: 32 * 2 ** 20 });
  const config = presets.tiny;
  const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
  const sample = ballSample([48, 48, 48]);
  await expect(trainStep(parameters, config, sample, 1)).rejects.toThrow(
    /at most 32\.0 MiB, got an estimate of 36\.4 MiB: add --recompute to need 26\.3 MiB, lower --max-voxels/,
  );
  const { gradients } = await trainStep(parameters, config, sample, 0, { recompute: true });
  tf.dispose([parameters, gradients]);
  device.dispose();
});
