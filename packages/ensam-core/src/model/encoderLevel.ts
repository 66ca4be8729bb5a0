import { recompute, tf } from "../tensors/index.ts";
import { type ModelConfig, skipCountOf } from "./config.ts";
import { type SkipPart, skipPart, skipPartWeights } from "./decoder.ts";
import { encoderStage, halved } from "./encoder.ts";
import type { Parameters, Trace } from "./parameters.ts";

/** What an encoder stage whose output is a skip hands on. */
export interface EncoderLevel {
  /** The input of the next encoder stage, [1, D/2, H/2, W/2, 2c]. */
  readonly below: tf.Tensor;
  /** For the decoder stage of the same resolution. */
  readonly part: SkipPart;
}

/** Stage i of the encoder and all that is made of its output, which the trace sees as `encoder.skips.I`. */
export function encoderLevel(
  parameters: Parameters,
  config: ModelConfig,
  i: number,
  x: tf.Tensor,
  trace?: Trace,
): EncoderLevel {
  return levelOf(levelTensors(parameters, config, i, x, trace));
}

/** `encoderLevel` of which nothing but its input is kept for the gradient (see `recompute`); without a trace. */
export function recomputedEncoderLevel(
  parameters: Parameters,
  config: ModelConfig,
  i: number,
  x: tf.Tensor,
): EncoderLevel {
  const names = Object.keys(parameters).filter((name) => isOfLevel(name, i, decoderStageOf(config, i)));
  const level = ([input, ...weights]: tf.Tensor[]) =>
    levelTensors(Object.fromEntries(names.map((name, k) => [name, weights[k]!])), config, i, input!);
  return levelOf(recompute(level, [x, ...names.map((name) => parameters[name]!)]));
}

function levelTensors(
  parameters: Parameters,
  config: ModelConfig,
  i: number,
  x: tf.Tensor,
  trace?: Trace,
): tf.Tensor[] {
  return tf.tidy(() => {
    const skip = encoderStage(parameters, config, i, x);
    trace?.(`encoder.skips.${i}`, skip);
    const below = halved(parameters, i, skip);
    const { hidden, shortcut } = skipPart(parameters, decoderStageOf(config, i), skip);
    return [below, hidden, shortcut];
  });
}

function levelOf([below, hidden, shortcut]: readonly tf.Tensor[]): EncoderLevel {
  return { below: below!, part: { hidden: hidden!, shortcut: shortcut! } };
}

function isOfLevel(name: string, i: number, decoderStage: number): boolean {
  if (name.startsWith("encoder.stem.")) return i === 0;
  return (
    [`encoder.stages.${i}.`, `encoder.downs.${i}.`].some((prefix) => name.startsWith(prefix)) ||
    skipPartWeights(decoderStage).includes(name)
  );
}

/** The decoder's first stage takes the deepest skip. */
function decoderStageOf(config: ModelConfig, i: number): number {
  return skipCountOf(config) - 1 - i;
}
