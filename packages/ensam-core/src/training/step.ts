import type { Prompts, Zyx } from "../geometry/index.ts";
import {
  decode,
  type Encoded,
  type EncodeOptions,
  encode,
  encodedTensors,
  type ModelConfig,
  type Parameters,
} from "../model/index.ts";
import { type CountedUser, interact } from "../prompts/index.ts";
import { diceCrossEntropy, readForeground, type SplitGradient, splitGradient, tf } from "../tensors/index.ts";

/** Loss of one interaction (ENSAM §2.4, eq. 4): total = dice + 2 crossEntropy. */
export interface InteractionLoss {
  readonly total: number;
  readonly dice: number;
  readonly crossEntropy: number;
}

/** A volume with its truth, as the model takes it. */
export interface StepInput {
  /** Intensities 0..1, prod(shape) values. */
  readonly volume: Float32Array;
  /** 0 or 1. */
  readonly target: Uint8Array;
  /** Multiples of 8 (see `gridMultipleOf`). */
  readonly shape: Zyx;
  /** As of `encode`. */
  readonly cellSize?: Zyx | undefined;
}

export interface StepOptions {
  /** As of `encode` and `decode`: large maps are computed again for the gradient instead of kept. @default false */
  readonly recompute?: boolean;
}

export interface StepGradient {
  /** Mean of the interactions' totals. */
  readonly loss: number;
  readonly interactions: readonly InteractionLoss[];
  /** d loss / d parameter, by the parameters' names; the caller's to dispose. */
  readonly gradients: Parameters;
}

/**
 * Loss and gradients of one volume over several interactions. The encoder runs once; each interaction goes forward and
 * backward at once, adding its gradient for the features to a running sum, so one decoder graph is in memory at a time;
 * at the end the encoder goes backward once from the sum. The logits fed back are detached, so these are the gradients
 * of the mean loss (ENSAM §2.4).
 *
 * @param user asks with all prompts of an interaction, in cells of the volume; is shown the foreground: 1 where the
 *              logits are above 0, else 0; prod(shape) values
 */
export async function gradientOfInteractions(
  parameters: Parameters,
  config: ModelConfig,
  input: StepInput,
  user: CountedUser<Prompts, Uint8Array>,
  options: StepOptions = {},
): Promise<StepGradient> {
  const shape = [1, ...input.shape, 1] as [number, number, number, number, number];
  const volume = tf.tensor5d(input.volume, shape, "float32");
  const target = tf.tensor5d(new Float32Array(input.target), shape, "float32");
  const names = Object.keys(parameters);
  const weights = Object.values(parameters);
  let sums = names.map((): tf.Tensor | undefined => undefined);
  let encoder: (SplitGradient & { encoded: Encoded }) | undefined;
  let featureSums: (tf.Tensor | undefined)[] = [];
  let previous: tf.Tensor | undefined;
  try {
    encoder = encodeOnce(parameters, config, volume, { ...options, cellSize: input.cellSize });
    const { encoded, outputs: features, backwardInto } = encoder;
    featureSums = features.map(() => undefined);
    const interactions: InteractionLoss[] = [];
    await interact(user, async (prompts) => {
      const before = previous;
      const pass = splitGradient(() => {
        const logits = decode(parameters, config, encoded, prompts, before, options);
        return [diceCrossEntropy(logits, target), logits];
      }, [...weights, ...features]);
      const [parts, logits] = pass.outputs as [tf.Tensor1D, tf.Tensor];
      before?.dispose();
      previous = logits;
      // Asked for before the way back, so that the next prompts are placed while a GPU is busy with that.
      const reading = readForeground(logits, parts);
      try {
        const all = tf.tidy(() =>
          pass.backwardInto([tf.tensor1d([1 / user.rounds, 0, 0]), undefined], [...sums, ...featureSums]),
        );
        sums = all.slice(0, weights.length);
        featureSums = all.slice(weights.length);
        const [total, dice, crossEntropy] = (await reading).loss;
        interactions.push({ total, dice, crossEntropy });
      } finally {
        await Promise.allSettled([reading]);
        parts.dispose();
        pass.dispose();
      }
      return (await reading).foreground;
    });
    // Their gradients are in the sums; the maps themselves are not needed any more.
    disposeAll(features);
    sums = tf.tidy(() => backwardInto(featureSums, sums));
    const gradients = Object.fromEntries(names.map((name, i) => [name, sums[i] ?? tf.zerosLike(weights[i]!)]));
    sums = [];
    return { loss: mean(interactions.map(({ total }) => total)), interactions, gradients };
  } finally {
    encoder?.dispose();
    disposeAll([volume, target, previous, ...sums, ...featureSums, ...(encoder?.outputs ?? [])]);
  }
}

function encodeOnce(
  parameters: Parameters,
  config: ModelConfig,
  volume: tf.Tensor,
  { recompute, cellSize }: StepOptions & Pick<EncodeOptions, "cellSize">,
): SplitGradient & { encoded: Encoded } {
  let encoded: Encoded | undefined;
  const split = splitGradient(() => {
    encoded = encode(parameters, config, volume, { recompute, cellSize });
    return encodedTensors(encoded);
  }, Object.values(parameters));
  return { ...split, encoded: encoded! };
}

function disposeAll(tensors: readonly (tf.Tensor | undefined)[]): void {
  for (const tensor of tensors) tensor?.dispose();
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
