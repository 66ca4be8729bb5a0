import { channelRmsGelu, conv3d, tf } from "../tensors/index.ts";
import type { PromptMaps } from "./densePrompts.ts";
import { type Parameters, parameter } from "./parameters.ts";

/**
 * The embedding of the previous interaction's logits, to be added to the bottleneck (ENSAM §2.2.3): convolutions
 * of 2 at stride 2, three in the paper's model, each followed by channel RMS normalisation and GELU, then a projection
 * to C channels.
 *
 * @param logits  [1, D, H, W, 1], raw scores, neither squashed nor thresholded
 * @returns       [1, D/8, H/8, W/8, C]
 */
export function encodeMask(parameters: Parameters, logits: tf.Tensor): tf.Tensor {
  return tf.tidy(() => embedding(parameters, firstConvolution(parameters, logits)));
}

/** The embedding of prompt maps and, where there are any, the previous logits: shapes as of `encodeMask`. */
export function encodeMaps(parameters: Parameters, { maps, logits }: PromptMaps): tf.Tensor {
  return tf.tidy(() => {
    const ofMaps = firstConvolution(parameters, maps, { from: 1 });
    if (logits === undefined) return embedding(parameters, ofMaps);
    const weight = parameter(parameters, "mask_encoder.convs.0.weight");
    return embedding(parameters, conv3d(logits, weight, { stride: 2, from: 0, addend: ofMaps }));
  });
}

function firstConvolution(parameters: Parameters, x: tf.Tensor, options: { from?: number } = {}): tf.Tensor {
  const tensor = (name: string) => parameter(parameters, `mask_encoder.convs.0.${name}`);
  return conv3d(x, tensor("weight"), { stride: 2, bias: tensor("bias"), ...options });
}

function embedding(parameters: Parameters, first: tf.Tensor): tf.Tensor {
  const tensor = (name: string) => parameter(parameters, `mask_encoder.${name}`);
  let x = channelRmsGelu(first);
  for (let i = 1; `mask_encoder.convs.${i}.weight` in parameters; i++) {
    const name = `convs.${i}`;
    x = channelRmsGelu(conv3d(x, tensor(`${name}.weight`), { stride: 2, bias: tensor(`${name}.bias`) }));
  }
  return conv3d(x, tensor("project.weight"), { bias: tensor("project.bias") });
}
