import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { readSafetensors } from "../files/index.ts";
import type { Prompts, Zyx } from "../geometry/index.ts";
import { initParameters, type ModelConfig, parametersFromValues, presets, unitAxes } from "../model/index.ts";
import { readFixture, tinyGolden, tinyPrompts } from "../model/testing/tinyCase.ts";
import { normalizeWeights, optimizer } from "../optim/index.ts";
import { scriptedUser } from "../prompts/index.ts";
import { openDevice, tf } from "../tensors/index.ts";
import type { Golden, GoldenTensor } from "../tensors/testing/golden.ts";
import { randomStream } from "../voxels/index.ts";
import { gradientOfInteractions, type StepInput } from "./step.ts";

beforeAll(async () => {
  await openDevice("cpu");
});

/** The tiny case of the shared golden files; its weights and gradients are large. */
const [tiny, tinyGradients] = [tinyInputs(), tinyGolden("tiny_gradients")];

test.runIf(tiny && tinyGradients)(
  "three interactions with one encoder pass give the golden losses and gradients of the joint loss",
  { timeout: 300_000 },
  async () => {
    const { config, input, prompts, weights } = tiny!;
    const parameters = parametersFromValues(config, weights);
    const predicted: number[] = [];
    const before = tf.memory().numTensors;
    const result = await gradientOfInteractions(parameters, config, input, {
      ...scriptedUser(prompts),
      see: (foreground) => predicted.push(foreground.filter((inside) => inside === 1).length),
    });
    expect(tf.memory().numTensors - before).toBe(Object.keys(parameters).length);

    const losses = readFixture<GoldenLoss>("tiny_loss.json");
    expect(relative(result.loss, losses.total)).toBeLessThan(1e-5);
    losses.interactions.forEach((wanted, i) => {
      expect(relative(result.interactions[i]!.total, wanted.total)).toBeLessThan(1e-5);
      expect(relative(result.interactions[i]!.dice, wanted.dice)).toBeLessThan(1e-5);
      expect(relative(result.interactions[i]!.crossEntropy, wanted.bce)).toBeLessThan(1e-5);
      expect(Math.abs(predicted[i]! - losses.predictedVoxels[i]!)).toBeLessThanOrEqual(1);
    });
    expectGradients(result.gradients, tinyGradients!);
    tf.dispose([parameters, result.gradients]);
  },
);

test.each(["cpu", "wasm"] as const)(
  "a whole step of a minute model is PyTorch's on %s: loss, logits, gradients, and the weights after one update",
  async (name) => {
    const device = await openDevice(name, { threads: 1 });
    const { config, input, rounds, tensors, of, learningRate } = wholeStep();
    const parameters = parametersFromValues(config, valuesOf(of("weight.")));
    const answers: Uint8Array[] = [];
    const { interactions, gradients } = await gradientOfInteractions(parameters, config, input, {
      ...scriptedUser(rounds),
      see: (foreground) => answers.push(foreground),
    });
    interactions.forEach(({ total, dice, crossEntropy }, i) => {
      [total, dice, crossEntropy].forEach((value, part) => {
        expect(relative(value, tensors.losses!.data[3 * i + part]!)).toBeLessThan(1e-5);
      });
    });
    expect(answers).toHaveLength(3);
    expect(answers[2]).toEqual(Uint8Array.from(tensors.logits!.data, (logit) => (logit > 0 ? 1 : 0)));
    expect(new Set(answers[2])).toEqual(new Set([0, 1]));
    expectGradients(gradients, of("gradient."));

    const { init, update } = optimizer({ grouping: "hidden" });
    const next = update(parameters, gradients, init(parameters), learningRate);
    const after = normalizeWeights(next.parameters, unitAxes(config));
    for (const [key, { data }] of Object.entries(of("after."))) {
      const error = largest(after[key]!.dataSync().map((value, i) => value - data[i]!) as Float32Array);
      expect(error, key).toBeLessThan(5e-6);
    }
    tf.dispose([parameters, gradients, next.parameters, next.state.tensors, after]);
    device.dispose();
    await openDevice("cpu");
  },
);

test("nothing of a step is left behind, also when a prompt fails halfway", async () => {
  const config = presets.tiny;
  const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
  const random = randomStream(1, "volume");
  const volume = Float32Array.from({ length: 512 }, () => random.float());
  const input = { volume, target: Uint8Array.from(volume, (value) => (value > 0.5 ? 1 : 0)), shape: [8, 8, 8] as Zyx };
  const before = tf.memory().numTensors;
  const prompts: Prompts = { clicks: [{ at: [1, 2, 3], foreground: true }] };
  const asked: Prompts[] = [];
  const failing = gradientOfInteractions(parameters, config, input, {
    rounds: 2,
    ask: () => {
      if (asked.push(prompts) === 2) throw new Error("halfway");
      return prompts;
    },
    see: () => undefined,
  });
  await expect(failing).rejects.toThrow("halfway");
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose(parameters);
});

test.each(["cpu", "wasm"] as const)(
  "computing large maps again changes neither losses nor gradients by a bit, on %s",
  async (name) => {
    const device = await openDevice(name);
    const config = presets.tiny;
    const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
    const random = randomStream(1, "volume");
    const shape: Zyx = [8, 16, 8];
    const volume = Float32Array.from({ length: 1024 }, () => random.float());
    const input = { volume, target: Uint8Array.from(volume, (value) => (value > 0.5 ? 1 : 0)), shape };
    const clicks = [{ at: [1, 2, 3] as const, foreground: true }];
    const before = tf.memory().numTensors;
    const [kept, again] = await Promise.all(
      [false, true].map(async (recompute) => {
        const result = await gradientOfInteractions(parameters, config, input, scriptedUser([{ clicks }, { clicks }]), {
          recompute,
        });
        const gradients = Object.entries(result.gradients).map(([key, value]) => [key, Array.from(value.dataSync())]);
        tf.dispose(result.gradients);
        return { loss: result.loss, gradients: Object.fromEntries(gradients) as Record<string, number[]> };
      }),
    );
    expect(again).toEqual(kept);
    expect(kept!.gradients["encoder.stem.weight"]!.some((value) => value !== 0)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose(parameters);
    device.dispose();
    await openDevice("cpu");
  },
);

test("a weight without a part in a step has a gradient of zeros", async () => {
  const config = presets.tiny;
  const parameters = parametersFromValues(config, initParameters(config, randomStream(1, "parameters")));
  const input = { volume: new Float32Array(512), target: new Uint8Array(512), shape: [8, 8, 8] as Zyx };
  const clicks = [{ at: [1, 2, 3] as const, foreground: true }];
  // The first interaction has no logits before it, so the mask encoder does nothing.
  const { gradients } = await gradientOfInteractions(parameters, config, input, scriptedUser([{ clicks }]));
  const [weight, gradient] = [parameters, gradients].map((record) => record["mask_encoder.convs.0.weight"]!);
  expect(gradient!.shape).toEqual(weight!.shape);
  expect(gradient!.dataSync().every((value) => value === 0)).toBe(true);
  tf.dispose([parameters, gradients]);
});

interface GoldenLoss {
  total: number;
  interactions: { total: number; dice: number; bce: number }[];
  predictedVoxels: number[];
}

/** `scripts/whole-step-golden.py` wrote it. */
function wholeStep() {
  const file = new URL("./fixtures/whole_step.safetensors", import.meta.url);
  const { tensors, metadata } = readSafetensors(readFileSync(file)) as GoldenFile;
  const of = (prefix: string): Golden =>
    Object.fromEntries(
      Object.entries(tensors).flatMap(([name, tensor]) =>
        name.startsWith(prefix) ? [[name.slice(prefix.length), tensor]] : [],
      ),
    );
  const { volume, target } = tensors;
  return {
    config: JSON.parse(metadata.config!) as ModelConfig,
    rounds: JSON.parse(metadata.rounds!) as Prompts[],
    learningRate: Number(metadata.learningRate),
    input: inputOf(volume!, target!),
    tensors,
    of,
  };
}

interface GoldenFile {
  readonly tensors: Golden;
  readonly metadata: Record<string, string>;
}

function inputOf(volume: GoldenTensor, target: GoldenTensor): StepInput {
  return { volume: volume.data, target: Uint8Array.from(target.data), shape: volume.shape as unknown as Zyx };
}

function valuesOf(golden: Golden): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(golden).map(([name, { data }]) => [name, data]));
}

function tinyInputs() {
  const [weights, inputs] = [tinyGolden("tiny_weights"), tinyGolden("tiny_inputs")];
  if (weights === undefined || inputs === undefined) return undefined;
  const input = inputOf(inputs.volume!, inputs.target!);
  return { config: presets.tiny, input, prompts: tinyPrompts(), weights: valuesOf(weights) };
}

function expectGradients(gradients: Readonly<Record<string, tf.Tensor>>, wanted: Golden): void {
  expect(Object.keys(gradients).sort()).toEqual(Object.keys(wanted).sort());
  for (const [name, { data }] of Object.entries(wanted)) {
    const error = largest(data.map((value, i) => value - gradients[name]!.dataSync()[i]!));
    expect(error / Math.max(largest(data), 1e-7), name).toBeLessThan(3e-4);
  }
}

function relative(value: number, wanted: number): number {
  return Math.abs(value - wanted) / Math.abs(wanted);
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
