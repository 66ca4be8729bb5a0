import { attend, linear, scaleRotate, stepOnSphere, tf, unit } from "../tensors/index.ts";
import type { ModelConfig } from "./config.ts";
import type { InteractionLayers, PlacedTokens } from "./layers.ts";
import { type Parameters, parameter } from "./parameters.ts";

/**
 * The normalized transformer (nGPT; ENSAM §2.2.2): every token lives on the unit sphere, queries and keys are
 * normalised per head, and instead of a residual sum each layer takes a step along the sphere.
 */
export const ngptLayers: InteractionLayers = {
  enter: (tokens) => unit(tokens),
  leave: (tokens) => tf.mul(tokens, Math.sqrt(tokens.shape[1]!)),
  attention: ngptAttention,
  mlp: ngptMlp,
};

function ngptAttention(
  parameters: Parameters,
  config: ModelConfig,
  name: string,
  to: PlacedTokens,
  from: PlacedTokens,
): tf.Tensor {
  const project = projection(parameters, name);
  return tf.tidy(() => {
    const scale = tf.mul(parameter(parameters, `${name}.s_qk`), config.sQkInit * Math.sqrt(config.embedDim));
    const q = project("q", withFeatures(config, to));
    const k = project("k", withFeatures(config, from));
    const v = project("v", from.tokens);
    const ready = (x: tf.Tensor, { positions }: PlacedTokens) =>
      config.position === "absolute"
        ? scaleHeads(x, scale, config.heads)
        : scaleRotate(x, scale, positions, config.heads);
    const read = attend(ready(q, to), ready(k, from), v, config.heads);
    return stepOnSphere(to.tokens, project("out", read), stepSize(parameters, config, name));
  });
}

function ngptMlp(parameters: Parameters, config: ModelConfig, name: string, tokens: tf.Tensor): tf.Tensor {
  const project = projection(parameters, name);
  return tf.tidy(() => {
    const hidden = tf.relu(tf.mul(parameter(parameters, `${name}.s_u`), project("up", tokens)));
    return stepOnSphere(tokens, project("down", hidden), stepSize(parameters, config, name));
  });
}

/** The eigen learning rates: stored around 1/√C, used around alphaInit, which sets how fast they train. */
function stepSize(parameters: Parameters, config: ModelConfig, name: string): tf.Tensor {
  return tf.mul(parameter(parameters, `${name}.alpha`), config.alphaInit * Math.sqrt(config.embedDim));
}

/** `scaleRotate` without a rotation. */
function scaleHeads(x: tf.Tensor, scale: tf.Tensor, heads: number): tf.Tensor {
  const [count, channels] = x.shape as [number, number];
  return tf.mul(tf.reshape(unit(tf.reshape(x, [count * heads, channels / heads])), x.shape), scale);
}

/** Tokens with the features of their positions added, where positions are features and not rotations. */
export function withFeatures(config: ModelConfig, { tokens, positions }: PlacedTokens): tf.Tensor {
  return config.position === "absolute" ? tf.add(tokens, positions) : tokens;
}

/** A function that applies one of the dense layers of this attention or MLP. */
export function projection(parameters: Parameters, name: string): (layer: string, x: tf.Tensor) => tf.Tensor {
  return (layer, x) =>
    linear(x, parameter(parameters, `${name}.${layer}.weight`), parameter(parameters, `${name}.${layer}.bias`));
}
