import { tf } from "../tensors/index.ts";
import { type Parameters, parameter } from "./parameters.ts";

/**
 * Absolute positions, the article's baseline for its ablation: random Fourier features as in Segment Anything,
 * `[sin, cos](2π (2p - 1) B)` with a fixed random B, added to the inputs of queries and keys.
 *
 * B is kept with the parameters so that a checkpoint is complete, but its gradient is zero.
 *
 * @param points  [N, 3]
 * @returns       [N, C]
 */
export function absoluteFeatures(parameters: Parameters, points: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const frequencies = fixed(parameter(parameters, "position.frequencies"));
    const centred = tf.sub(tf.mul(points, 2), 1);
    const angles = tf.mul(tf.matMul(centred, frequencies), 2 * Math.PI);
    return tf.concat([tf.sin(angles), tf.cos(angles)], 1);
  });
}

/** The tensor itself, as a constant: its gradient is zero. */
function fixed(x: tf.Tensor): tf.Tensor {
  return tf.customGrad((...inputs) => {
    const value = tf.clone(inputs[0] as tf.Tensor);
    return { value, gradFunc: (dy: tf.Tensor) => tf.zerosLike(dy) };
  })(x);
}
