import { expect } from "vitest";
import { type ModelConfig, presets } from "../../model/index.ts";
import { OutOfMemory, tf } from "../../tensors/index.ts";
import { randomStream } from "../../voxels/index.ts";
import type { TrainingSettings } from "../settings.ts";
import { disposeTraining, startTraining, type TrainingState } from "../state.ts";
import { trainStep } from "../trainStep.ts";
import { addGradients, update } from "../update.ts";
import { ballSample } from "./ballSample.ts";

/** A model with every operator of the others and as few channels as can be. */
export const smallestConfig: ModelConfig = {
  ...presets.tiny,
  filters: [1, 2, 2, 4],
  embedDim: 4,
  heads: 1,
  depth: 1,
  mlpHidden: 4,
  generatorSize: 4,
  maskFilters: [1, 2, 2],
};

const settings: TrainingSettings = {
  ...{ seed: 1, epochs: 1, accumulate: 1, clicks: 1, optimizer: "muon", groups: "hidden", learningRate: 0.01 },
  ...{ halveAt: [], weightDecay: 0.1, clipNorm: 1, averageDecay: 0.9, maxVoxels: 512, noBox: 0 },
} as const;

/** An allocator of a device, to be made to fail. */
export interface Allocator {
  /** Takes a function that is called before each allocation and may throw; `undefined` takes it away. */
  onAllocate(called: (() => void) | undefined): void;
  /** Bytes in use. */
  usedBytes(): number;
}

interface Attempt {
  /** Allocations until the step was done or failed. */
  readonly allocations: number;
  readonly failed: boolean;
  /** Loss, weights, optimizer and average after the step, or after it was tried again. */
  readonly result: readonly number[];
  /** What stays behind once all is disposed. */
  readonly left: { readonly bytes: number; readonly tensors: number; readonly buffers: number };
}

/**
 * A whole training step with one click at 8³ of a fresh state: sample and update. Its n-th allocation fails, if asked;
 * what failed is then tried again.
 */
async function attempt(allocator: Allocator, failAt = Number.POSITIVE_INFINITY): Promise<Attempt> {
  const before = memoryOf(allocator);
  const state = startTraining(smallestConfig, settings);
  let [allocations, failed] = [0, false];
  allocator.onAllocate(() => {
    if (++allocations !== failAt) return;
    failed = true;
    throw new OutOfMemory("test: memory: the allocation was to fail", { neededBytes: 1, limitBytes: 0 });
  });
  const sample = ballSample([8, 8, 8]);
  const { loss, gradients } = await againIfItFails(() => trainStep(state.parameters, smallestConfig, sample, 1));
  addGradients(state, gradients);
  const record = { case: "ball", loss, dice: 0, crossEntropy: 0, dsc: [], voxels: 512, seconds: 0, waitingSeconds: 0 };
  state.pending = [record];
  await againIfItFails(() => update(state, settings, 0));
  allocator.onAllocate(undefined);
  const result = [loss, ...(await valuesOf(state))];
  disposeTraining(state);
  const after = memoryOf(allocator);
  const left = {
    bytes: after.bytes - before.bytes,
    tensors: after.tensors - before.tensors,
    buffers: after.buffers - before.buffers,
  };
  return { allocations: failed ? failAt : allocations, failed, result, left };
}

/**
 * Lets allocations of a training step fail, each in a step of its own: nothing may be left behind, and the step that
 * was done again must have the bits of an undisturbed one.
 *
 * @param count  how many, drawn by a seed that a failure names
 */
export async function expectNothingLeft(allocator: Allocator, { count }: { count: number | "all" }): Promise<void> {
  await attempt(allocator); // What the device keeps for its kernels is there from now on.
  const whole = await attempt(allocator);
  expect(whole).toMatchObject({ failed: false, left: nothing });
  const seed = Date.now() % 1_000_000;
  const random = randomStream(seed, "allocations");
  for (let i = 1; i <= (count === "all" ? whole.allocations : count); i++) {
    const failAt = count === "all" ? i : random.int(1, whole.allocations + 1);
    const { failed, left, result } = await attempt(allocator, failAt);
    expect({ failed, left }, `seed ${seed}, allocation ${failAt}`).toEqual({ failed: true, left: nothing });
    expect(result, `seed ${seed}, allocation ${failAt}`).toEqual(whole.result);
  }
}

const nothing = { bytes: 0, tensors: 0, buffers: 0 };

async function againIfItFails<Result>(f: () => Promise<Result>): Promise<Result> {
  try {
    return await f();
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
    return f();
  }
}

function memoryOf(allocator: Allocator): Attempt["left"] {
  const { numTensors: tensors, numDataBuffers: buffers } = tf.memory();
  return { bytes: allocator.usedBytes(), tensors, buffers };
}

async function valuesOf({ parameters, optimizer, average }: TrainingState): Promise<number[]> {
  const tensors = [parameters, optimizer.tensors, average ?? {}].flatMap((record) => Object.values(record));
  return (await Promise.all(tensors.map((tensor) => tensor.data()))).flatMap((values) => [...values]);
}
