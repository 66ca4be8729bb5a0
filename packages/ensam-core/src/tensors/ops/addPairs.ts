import { hasKernel, runKernelOfMany } from "../kernels.ts";
import { tf } from "../tf.ts";

/**
 * `tf.add` of each pair of tensors of one shape: where the device has a kernel for it, in one call, because a call
 * costs more than the sum of two small tensors. Without gradients of its own. Every tensor returned is new.
 */
export function addPairs(pairs: readonly (readonly [tf.Tensor, tf.Tensor])[]): tf.Tensor[] {
  if (pairs.length === 0) return [];
  if (!hasKernel("EnsamAddPairs")) return tf.tidy(() => pairs.map(([a, b]) => tf.add(a, b)));
  return runKernelOfMany("EnsamAddPairs", Object.fromEntries(pairs.flat().map((tensor, i) => [i, tensor])));
}
