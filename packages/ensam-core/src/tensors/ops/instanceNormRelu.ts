import { normEpsilon } from "../constants.ts";
import { defineGradient, hasKernel, runKernelOfMany } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";

/** Added to the variance. PyTorch's default for instance normalisation. */

/**
 * Instance normalisation and ReLU: each channel is brought to mean 0 and variance 1 over its voxels (biased variance),
 * then `relu(gain * normalised + shift)`. A single voxel gives `relu(shift)`.
 *
 * @param x      [1, D, H, W, C]
 * @param gain   [C]
 * @param shift  [C]
 * @returns      [1, D, H, W, C]
 */
export function instanceNormRelu(x: tf.Tensor, gain: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  checkInstanceNorm(x, gain, shift);
  if (!hasKernel("EnsamInstanceNormRelu")) return instanceNormReluComposed(x, gain, shift);
  return tf.tidy(() => runKernelOfMany("EnsamInstanceNormRelu", { x, gain, shift })[0]!);
}

/** `instanceNormRelu` made of stock operators. */
export function instanceNormReluComposed(x: tf.Tensor, gain: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  checkInstanceNorm(x, gain, shift);
  return tf.tidy(() => {
    const voxels = tf.reshape(x, [-1, x.shape[4]!]);
    const nearlyCentred = tf.sub(voxels, tf.mean(voxels, 0));
    // Once more: the float32 mean of values around 100 is off by up to 4e-6, too much for deviations of 1e-3.
    const centred = tf.sub(nearlyCentred, tf.mean(nearlyCentred, 0));
    const variance = tf.mean(tf.square(centred), 0);
    const scale = tf.mul(gain, tf.rsqrt(tf.add(variance, normEpsilon)));
    return tf.reshape(tf.relu(tf.add(tf.mul(centred, scale), shift)), x.shape);
  });
}

defineGradient("EnsamInstanceNormRelu", {
  saveInputs: ["x", "gain", "shift"],
  saveOutputs: [false, true, true],
  gradients: ([dy], [x, gain, shift, mean, inverseDeviation]) => {
    const [dx, dGain, dShift] = runKernelOfMany("EnsamInstanceNormReluGradient", {
      dy: dy!,
      x: x!,
      gain: gain!,
      shift: shift!,
      mean: mean!,
      inverseDeviation: inverseDeviation!,
    });
    return { x: () => dx!, gain: () => dGain!, shift: () => dShift! };
  },
});

/** Checks shapes. */
export function checkInstanceNorm(x: tf.Tensor, gain: tf.Tensor, shift: tf.Tensor): void {
  expectShapes("instanceNormRelu", { x: [x, [1, "D", "H", "W", "C"]], gain: [gain, ["C"]], shift: [shift, ["C"]] });
}
