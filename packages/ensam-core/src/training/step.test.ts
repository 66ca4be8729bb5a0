import { existsSync, readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { readSafetensors } from "../files/index.ts";
import type { Prompts, Zyx } from "../geometry/index.ts";
import { initParameters, type ModelConfig, parametersFromValues, presets } from "../model/index.ts";
import { boxBetween, type InclusiveBox } from "../model/testing/tinyCase.ts";
import { scriptedUser } from "../prompts/index.ts";
import { openDevice, tf } from "../tensors/index.ts";
import { randomStream } from "../voxels/index.ts";
import { gradientOfInteractions } from "./step.ts";

beforeAll(async () => {
  await openDevice("cpu");
});

const golden = new URL("../../../../../shared/golden/model/", import.meta.url);
const hasGolden = existsSync(golden);
if (!hasGolden) console.log(`step.test: no ${golden.pathname}: the golden gradients are not checked`);

test.runIf(hasGolden)(
  "three interactions with one encoder pass give the golden losses and gradients of the joint loss",
  { timeout: 300_000 },
  async () => {
    const { config, interactions } = goldenCase();
    const parameters = parametersFromValues(config, floats("tiny_weights"));
    const { volume, target } = goldenTensors("tiny_inputs");
    const predicted: number[] = [];
    const before = tf.memory().numTensors;
    const result = await gradientOfInteractions(
      parameters,
      config,
      { volume: volume!.data, target: Uint8Array.from(target!.data), shape: volume!.shape as unknown as Zyx },
      {
        ...scriptedUser(interactions),
        see: (foreground) => predicted.push(foreground.filter((inside) => inside === 1).length),
      },
    );
    expect(tf.memory().numTensors - before).toBe(Object.keys(parameters).length);

    const losses = goldenJson("tiny_loss.json") as GoldenLoss;
    expect(relative(result.loss, losses.total)).toBeLessThan(1e-5);
    losses.interactions.forEach((wanted, i) => {
      expect(relative(result.interactions[i]!.total, wanted.total)).toBeLessThan(1e-5);
      expect(relative(result.interactions[i]!.dice, wanted.dice)).toBeLessThan(1e-5);
      expect(relative(result.interactions[i]!.crossEntropy, wanted.bce)).toBeLessThan(1e-5);
      expect(Math.abs(predicted[i]! - losses.predictedVoxels[i]!)).toBeLessThanOrEqual(1);
    });

    const wanted = goldenTensors("tiny_gradients");
    expect(Object.keys(result.gradients).sort()).toEqual(Object.keys(wanted).sort());
    for (const [name, { data }] of Object.entries(wanted)) {
      const error = largest(data.map((value, i) => value - result.gradients[name]!.dataSync()[i]!));
      expect(error / Math.max(largest(data), 1e-7), name).toBeLessThan(3e-4);
    }
    tf.dispose([parameters, result.gradients]);
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

function goldenJson(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, golden), "utf8"));
}

function goldenTensors(name: string): Record<string, { shape: readonly number[]; data: Float32Array }> {
  const { tensors } = readSafetensors(readFileSync(new URL(`${name}.safetensors`, golden)));
  return tensors as Record<string, { shape: readonly number[]; data: Float32Array }>;
}

function floats(name: string): Record<string, Float32Array> {
  return Object.fromEntries(Object.entries(goldenTensors(name)).map(([key, { data }]) => [key, data]));
}

interface GoldenRound {
  box: InclusiveBox;
  clicks: { position: Zyx; foreground: boolean }[];
}

function goldenCase(): { config: ModelConfig; interactions: Prompts[] } {
  const { config, interactions } = goldenJson("tiny_config.json") as { config: object; interactions: GoldenRound[] };
  return {
    config: { ...config, position: "liere", attention: "ngpt" } as ModelConfig,
    interactions: interactions.map(({ box, clicks }) => ({
      box: boxBetween(box),
      clicks: clicks.map(({ position, foreground }) => ({ at: position, foreground })),
    })),
  };
}

function relative(value: number, wanted: number): number {
  return Math.abs(value - wanted) / Math.abs(wanted);
}

function largest(values: Float32Array): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
