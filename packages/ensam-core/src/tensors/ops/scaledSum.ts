import { hasKernel, runKernel } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";

/** A tensor with the factor it is multiplied by. */
export type Scaled = readonly [factor: number, tensor: tf.Tensor];

/** `a x + b y` of two tensors of one shape. Without gradients of its own. */
export function scaledSum([a, x]: Scaled, [b, y]: Scaled): tf.Tensor {
  checkScaledSum(x, y);
  if (!hasKernel("EnsamScaledSum")) return scaledSumComposed([a, x], [b, y]);
  return runKernel("EnsamScaledSum", { x, y }, { a, b });
}

/** `scaledSum` made of stock operators. */
export function scaledSumComposed([a, x]: Scaled, [b, y]: Scaled): tf.Tensor {
  checkScaledSum(x, y);
  return tf.tidy(() => tf.add(tf.mul(x, a), tf.mul(y, b)));
}

function checkScaledSum(x: tf.Tensor, y: tf.Tensor): void {
  expectShapes("scaledSum", { y: [y, x.shape] });
}
