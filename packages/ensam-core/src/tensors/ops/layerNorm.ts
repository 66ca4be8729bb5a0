import { normEpsilon } from "../constants.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";

/** Added to the variance. PyTorch's default for layer normalisation. */

/**
 * Layer normalisation of every token over its channels, `gain * (x - mean) / √(variance + 1e-5) + shift`. Of stock
 * operators on every device: only the `standard` ablation uses it.
 *
 * @param x      [N, C]
 * @param gain   [C]
 * @param shift  [C]
 * @returns      [N, C]
 */
export function layerNorm(x: tf.Tensor, gain: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  expectShapes("layerNorm", { x: [x, ["N", "C"]], gain: [gain, ["C"]], shift: [shift, ["C"]] });
  return tf.tidy(() => {
    const centred = tf.sub(x, tf.mean(x, 1, true));
    const variance = tf.mean(tf.square(centred), 1, true);
    return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, normEpsilon))), gain), shift);
  });
}
