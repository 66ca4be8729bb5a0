import { channelRmsGelu, conv3d, tf } from "../tensors/index.ts";
import { type Parameters, parameter } from "./parameters.ts";

/**
 * The embedding of the previous interaction's logits, to be added to the bottleneck (ENSAM §2.2.3): three convolutions
 * of 2 at stride 2, each followed by channel RMS normalisation and GELU, then a projection to C channels.
 *
 * @param logits  [1, D, H, W, 1], raw scores, neither squashed nor thresholded
 * @returns       [1, D/8, H/8, W/8, C]
 */
export function encodeMask(parameters: Parameters, logits: tf.Tensor): tf.Tensor {
  const weights = (name: string) => parameter(parameters, `mask_encoder.${name}.weight`);
  const bias = (name: string) => parameter(parameters, `mask_encoder.${name}.bias`);
  return tf.tidy(() => {
    let x = logits;
    for (const name of ["convs.0", "convs.1", "convs.2"]) {
      x = channelRmsGelu(conv3d(x, weights(name), { stride: 2, bias: bias(name) }));
    }
    return conv3d(x, weights("project"), { bias: bias("project") });
  });
}
