import { unitEpsilon } from "../constants.ts";
import { defineGradient, hasKernel, runKernel } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";

/** Added under the square root: its derivative at 0 becomes 0 instead of NaN, and no length is changed by it. */
const tiny = 1e-30;

/**
 * Vectors brought to unit length, `v / max(|v|, 1e-6)`.
 *
 * @param x  [N, C], N vectors
 * @returns  [N, C], unit length along C
 */
export function unit(x: tf.Tensor): tf.Tensor {
  expectShapes("unit", { x: [x, ["N", "C"]] });
  return hasKernel("EnsamUnit") ? runKernel("EnsamUnit", { x }) : unitComposed(x);
}

/** `unit` made of stock operators, along the last axis of a tensor of any rank. */
export function unitComposed(x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    const length = tf.sqrt(tf.add(tf.sum(tf.square(x), -1, true), tiny));
    return tf.div(x, tf.maximum(length, unitEpsilon));
  });
}

defineGradient("EnsamUnit", {
  saveInputs: ["x"],
  gradients: ([dy], [x]) => ({ x: () => runKernel("EnsamUnitGradient", { dy: dy!, x: x! }) }),
});
