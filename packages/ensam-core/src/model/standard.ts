import { attend, layerNorm, tf } from "../tensors/index.ts";
import type { ModelConfig } from "./config.ts";
import type { InteractionLayers, PlacedTokens } from "./layers.ts";
import { projection, withFeatures } from "./ngpt.ts";
import { type Parameters, parameter } from "./parameters.ts";

/**
 * The ordinary transformer, for comparison with nGPT: layer normalisation before each layer, scores scaled by 1/√d,
 * plain residual sums, and tokens that enter and leave as they are.
 */
export const standardLayers: InteractionLayers = {
  enter: (tokens) => tf.clone(tokens),
  leave: (tokens) => tf.clone(tokens),
  attention: standardAttention,
  mlp: standardMlp,
};

function standardAttention(
  parameters: Parameters,
  config: ModelConfig,
  name: string,
  to: PlacedTokens,
  from: PlacedTokens,
): tf.Tensor {
  const project = projection(parameters, name);
  const size = config.embedDim / config.heads;
  return tf.tidy(() => {
    const queries = { ...to, tokens: normalised(parameters, `${name}.norm`, to.tokens) };
    const isSelf = to.tokens === from.tokens;
    const other = isSelf ? queries : { ...from, tokens: normalised(parameters, `${name}.context_norm`, from.tokens) };
    const ready = (x: tf.Tensor, { positions }: PlacedTokens) =>
      config.position === "absolute" ? x : rotateHeads(x, positions, config.heads);
    const q = ready(project("q", withFeatures(config, queries)), queries);
    const k = ready(project("k", withFeatures(config, other)), other);
    // `attend` multiplies the scores by √d; dividing the queries by d leaves 1/√d.
    const read = attend(tf.div(q, size), k, project("v", other.tokens), config.heads);
    return tf.add(to.tokens, project("out", read));
  });
}

function standardMlp(parameters: Parameters, _config: ModelConfig, name: string, tokens: tf.Tensor): tf.Tensor {
  const project = projection(parameters, name);
  return tf.tidy(() => {
    const hidden = tf.relu(project("up", normalised(parameters, `${name}.norm`, tokens)));
    return tf.add(tokens, project("down", hidden));
  });
}

function normalised(parameters: Parameters, name: string, tokens: tf.Tensor): tf.Tensor {
  return layerNorm(tokens, parameter(parameters, `${name}.weight`), parameter(parameters, `${name}.bias`));
}

/** [N, C] and [N, g, g] -> [N, C], every head turned by the rotation of its token. */
function rotateHeads(x: tf.Tensor, rotations: tf.Tensor, heads: number): tf.Tensor {
  const [count, channels] = x.shape as [number, number];
  const perHead = tf.reshape(x, [count, heads, channels / heads]);
  return tf.reshape(tf.matMul(perHead, rotations, false, true), x.shape);
}
