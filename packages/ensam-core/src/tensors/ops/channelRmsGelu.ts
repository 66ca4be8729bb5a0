import { unitEpsilon } from "../constants.ts";
import { defineGradient, hasKernel, runKernel } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";

/** Added to a voxel's length before dividing by it. */
/** Added under the square root: its derivative at 0 becomes 0 instead of NaN, and no length is changed by it. */
const tiny = 1e-30;

/**
 * Channel RMS normalisation and GELU, voxel by voxel: the C channels of a voxel are scaled to the length √C,
 * then `x / 2 * (1 + erf(x / √2))`, the exact form.
 *
 * @param x  [1, D, H, W, C]
 * @returns  [1, D, H, W, C]
 */
export function channelRmsGelu(x: tf.Tensor): tf.Tensor {
  checkChannelRms(x);
  return hasKernel("EnsamChannelRmsGelu") ? runKernel("EnsamChannelRmsGelu", { x }) : channelRmsGeluComposed(x);
}

/** `channelRmsGelu` made of stock operators. */
export function channelRmsGeluComposed(x: tf.Tensor): tf.Tensor {
  checkChannelRms(x);
  const channels = x.shape[4]!;
  return tf.tidy(() => {
    const voxels = tf.reshape(x, [-1, channels]);
    const length = tf.sqrt(tf.add(tf.sum(tf.square(voxels), 1, true), tiny));
    const scaled = tf.mul(voxels, tf.div(Math.sqrt(channels), tf.add(length, unitEpsilon)));
    const gelu = tf.mul(tf.mul(scaled, 0.5), tf.add(tf.erf(tf.mul(scaled, Math.SQRT1_2)), 1));
    return tf.reshape(gelu, x.shape);
  });
}

defineGradient("EnsamChannelRmsGelu", {
  saveInputs: ["x"],
  gradients: ([dy], [x]) => ({ x: () => runKernel("EnsamChannelRmsGeluGradient", { dy: dy!, x: x! }) }),
});

function checkChannelRms(x: tf.Tensor): void {
  expectShapes("channelRmsGelu", { x: [x, [1, "D", "H", "W", "C"]] });
}
