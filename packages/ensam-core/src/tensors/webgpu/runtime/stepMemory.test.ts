import { expect, test } from "vitest";
import { initParameters, parametersFromValues, presets, stepMemory } from "../../../model/index.ts";
import { scriptedUser } from "../../../prompts/index.ts";
import { gradientOfInteractions } from "../../../training/index.ts";
import { randomStream } from "../../../voxels/index.ts";
import { tf } from "../../tf.ts";
import { poolStatistics, resetPoolPeak } from "../openWebgpu.ts";
import { describeOnWebgpu } from "../testing/software.ts";

const config = presets.tiny;
const shape = [32, 32, 32] as const;

await describeOnWebgpu("memory of a training step", () => {
  test("is within 25 % of the estimates, and less when maps are computed again", async () => {
    const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
    const weights = Object.values(parameters).reduce((sum, { size }) => sum + 4 * size, 0);
    const input = { volume: new Float32Array(32 ** 3), target: new Uint8Array(32 ** 3), shape };
    const clicks = [{ at: [5, 6, 7] as const, foreground: true }];
    const peaks: number[] = [];
    for (const recompute of [true, false]) {
      resetPoolPeak();
      const { gradients } = await gradientOfInteractions(
        parameters,
        config,
        input,
        scriptedUser([{ clicks }, { clicks }]),
        {
          recompute,
        },
      );
      // Momentum and the gradients gathered over samples stay through a step of training.
      const measured = poolStatistics().peakHeapBytes + 2 * weights;
      const ratio = stepMemory(config, shape, { recompute }) / measured;
      expect(ratio).toBeGreaterThan(0.75);
      expect(ratio).toBeLessThan(1.25);
      peaks.push(measured);
      tf.dispose(gradients);
    }
    expect(peaks[0]! / peaks[1]!).toBeLessThan(0.88);
    tf.dispose(parameters);
  });
});
