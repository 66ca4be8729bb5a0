import { readFileSync } from "node:fs";
import type { Box, Prompts, Zyx } from "../../geometry/index.ts";
import { diceCrossEntropy, splitGradient, tf } from "../../tensors/index.ts";
import { featureMap, findShared, type Golden, plain, readGolden } from "../../tensors/testing/golden.ts";
import { decode, encode, encodedTensors, type ModelConfig, presets, withTensors } from "../index.ts";
import type { Parameters, Trace } from "../parameters.ts";

/** A box as the golden files state it: the first and the last voxel inside. */
interface InclusiveBox {
  readonly low: Zyx;
  readonly high: Zyx;
}

function boxBetween({ low, high }: InclusiveBox): Box {
  return { min: low, max: [high[0] + 1, high[1] + 1, high[2] + 1] };
}

interface TinyConfig {
  interactions: {
    clicks: { position: [number, number, number]; foreground: boolean }[];
    box: InclusiveBox;
  }[];
}

/** The golden training step of three interactions on one volume of 16×24×32 voxels. */
export interface TinyCase {
  readonly config: ModelConfig;
  readonly parameters: Parameters;
  readonly volume: tf.Tensor;
  readonly target: tf.Tensor;
  readonly prompts: Prompts[];
}

export function readFixture<Content>(name: string): Content {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8")) as Content;
}

/** A golden file of the tiny case, or `undefined` with a printed reason. */
export function tinyGolden(name: string): Golden | undefined {
  const file = findShared(`${name}.safetensors`);
  return file === undefined ? undefined : readGolden(file);
}

/** The golden case, or `undefined` if its files are not here. */
export function tinyCase(): TinyCase | undefined {
  const [weights, inputs] = [tinyGolden("tiny_weights"), tinyGolden("tiny_inputs")];
  if (weights === undefined || inputs === undefined) return undefined;
  return {
    config: presets.tiny,
    parameters: Object.fromEntries(Object.entries(weights).map(([name, tensor]) => [name, plain(tensor)])),
    volume: featureMap(inputs.volume!),
    target: featureMap(inputs.target!),
    prompts: tinyPrompts(),
  };
}

/** The prompts of the golden step's three interactions. */
export function tinyPrompts(): Prompts[] {
  return readFixture<TinyConfig>("tiny_config.json").interactions.map(({ box, clicks }) => ({
    box: boxBetween(box),
    clicks: clicks.map(({ position, foreground }) => ({ at: position, foreground })),
  }));
}

export interface StepResult {
  /** [total, dice, crossEntropy] of each interaction. */
  readonly losses: number[][];
  /** Voxels with positive logits after each interaction. */
  readonly predictedVoxels: number[];
  /** d(mean total)/d(parameter). */
  readonly gradients: Record<string, tf.Tensor>;
}

/**
 * A training step's gradient as the training room takes it: the encoder's tape waits while every interaction goes
 * forward and backward at once, and the encoder goes backward once from the sum.
 */
export function stepGradients(
  { config, parameters, volume, target, prompts }: TinyCase,
  trace?: (interaction: number) => Trace,
): StepResult {
  const names = Object.keys(parameters);
  const variables = Object.values(parameters);
  const losses: number[][] = [];
  const predictedVoxels: number[] = [];
  const encoder = splitGradient(() => encodedTensors(encode(parameters, config, volume)), variables);
  const encoded = withTensors(encoder.outputs);
  let sums: tf.Tensor[] | undefined;
  let previous: tf.Tensor | undefined;
  prompts.forEach((prompt, k) => {
    const interaction = splitGradient(() => {
      const logits = decode(parameters, config, encoded, prompt, previous, { trace: trace?.(k) });
      return [diceCrossEntropy(logits, target), logits];
    }, [...encoder.outputs, ...variables]);
    const [parts, logits] = interaction.outputs as [tf.Tensor, tf.Tensor];
    losses.push(Array.from(parts.dataSync()));
    predictedVoxels.push(Array.from(logits.dataSync()).filter((value) => value > 0).length);
    const share = tf.tensor1d([1 / prompts.length, 0, 0]);
    const gradients = interaction.backward([share, undefined]);
    sums = addInto(sums, gradients);
    tf.dispose([share, parts]);
    previous?.dispose();
    previous = logits;
  });
  previous?.dispose();
  const [toEncoder, direct] = [sums!.slice(0, encoder.outputs.length), sums!.slice(encoder.outputs.length)];
  const total = addInto(direct, encoder.backward(toEncoder));
  tf.dispose([toEncoder, encoder.outputs]);
  return { losses, predictedVoxels, gradients: Object.fromEntries(names.map((name, i) => [name, total[i]!])) };
}

function addInto(sums: tf.Tensor[] | undefined, gradients: tf.Tensor[]): tf.Tensor[] {
  if (sums === undefined) return gradients;
  const next = sums.map((sum, i) => tf.add(sum, gradients[i]!));
  tf.dispose([sums, gradients]);
  return next;
}
