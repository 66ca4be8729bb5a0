import { hasKernel, runKernel } from "../kernels.ts";
import { tf } from "../tf.ts";

/**
 * The joint length of one tensor or more, `√(Σ x²)` over all their values, as a scalar. Without gradients of its own.
 */
export function globalNorm(tensors: readonly tf.Tensor[]): tf.Scalar {
  if (!hasKernel("EnsamGlobalNorm")) return globalNormComposed(tensors);
  const inputs = Object.fromEntries(tensors.map((tensor, i) => [i, tensor]));
  return runKernel("EnsamGlobalNorm", inputs) as tf.Scalar;
}

/** `globalNorm` made of stock operators. */
export function globalNormComposed(tensors: readonly tf.Tensor[]): tf.Scalar {
  return tf.tidy(() => tf.sqrt(tf.addN(tensors.map((tensor) => tf.sum(tf.square(tensor))))) as tf.Scalar);
}
