import { expect, test } from "vitest";
import type { TrainingSettings } from "../../../training/index.ts";
import { disposeTraining, startTraining } from "../../../training/state.ts";
import { ballSample } from "../../../training/testing/ballSample.ts";
import { smallestConfig } from "../../../training/testing/failingAllocator.ts";
import { trainStep } from "../../../training/trainStep.ts";
import { addGradients, update } from "../../../training/update.ts";
import { type Calls, countCalls } from "../testing/countCalls.ts";
import { describeOnWebgpu } from "../testing/software.ts";

const settings: TrainingSettings = {
  ...{ seed: 1, epochs: 1, accumulate: 1, clicks: 1, optimizer: "muon", groups: "hidden", learningRate: 0.01 },
  ...{ halveAt: [], weightDecay: 0.1, clipNorm: 1, maxVoxels: 512, noBox: 0 },
} as const;
const record = { case: "ball", dice: 0, crossEntropy: 0, dsc: [], voxels: 512, seconds: 0, waitingSeconds: 0 };

await describeOnWebgpu("calls of a training step", () => {
  test("a step like those before makes no buffer and no bind group of ours, and reads two small answers and a length", async () => {
    const state = startTraining(smallestConfig, settings);
    const step = async () => {
      const { gradients, loss } = await trainStep(state.parameters, smallestConfig, ballSample([8, 8, 8]), 1);
      addGradients(state, gradients);
      state.pending = [{ ...record, loss }];
      await update(state, settings, 0);
    };
    // The pool hands buffers out in turn: after about twenty steps each kernel meets buffers that it has met before.
    const steps: Calls[] = [];
    for (let i = 0; i < 24; i++) steps.push(await countCalls(step));
    disposeTraining(state);
    const last = steps.at(-1)!;
    console.log(`calls of a step: ${JSON.stringify(last)}`);
    expect(last.buffers).toBe(0);
    // The box and a click, 3 floats and 512 bits each; the gradient's length.
    expect({ reads: last.reads, bytes: last.bytesRead }).toEqual({ reads: 3, bytes: 2 * (3 * 4 + 512 / 8) + 4 });
    // Stock kernels have a bind group and a uniform for each dispatch; ours were three in four, and have none any more.
    expect(last.bindGroups).toBeLessThan(0.4 * last.dispatches);
    expect(last.writes).toBeLessThan(0.5 * last.dispatches);
    expect(last.dispatches).toBeLessThan(2600);
  });
});
