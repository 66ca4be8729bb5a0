import { defineGradient, hasKernel, runKernel, runKernelOfMany } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";

/**
 * A dense layer, `x weightᵀ + bias`.
 *
 * @param x       [N, I]
 * @param weight  [O, I], PyTorch's layout
 * @param bias    [O]
 * @returns       [N, O]
 */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  checkLinear(x, weight, bias);
  return hasKernel("EnsamLinear") ? runKernel("EnsamLinear", { x, weight, bias }) : linearComposed(x, weight, bias);
}

/** `linear` made of stock operators. */
export function linearComposed(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  checkLinear(x, weight, bias);
  return tf.tidy(() => tf.add(tf.matMul(x, weight, false, true), bias));
}

defineGradient("EnsamLinear", {
  saveInputs: ["x", "weight"],
  gradients: ([dy], [x, weight]) => {
    const [dx, dWeight, dBias] = runKernelOfMany("EnsamLinearGradient", { dy: dy!, x: x!, weight: weight! });
    return { x: () => dx!, weight: () => dWeight!, bias: () => dBias! };
  },
});

function checkLinear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): void {
  expectShapes("linear", { x: [x, ["N", "I"]], weight: [weight, ["O", "I"]], bias: [bias, ["O"]] });
}
