import { globalNorm, tf } from "../tensors/index.ts";
import type { TensorRecord } from "./optimizer.ts";

/**
 * Gradients scaled down together so that their joint length is at most `longest`; shorter ones are copied as they are.
 * The tensors given stay the caller's.
 *
 * @returns the scaled gradients and `norm`, a scalar: their joint length before
 */
export function clipByGlobalNorm(
  gradients: Readonly<TensorRecord>,
  longest = 1,
): { gradients: TensorRecord; norm: tf.Scalar } {
  const names = Object.keys(gradients);
  const [norm, ...clipped] = tf.tidy(() => {
    const length = globalNorm(Object.values(gradients));
    const factor = tf.div(longest, tf.maximum(length, longest));
    return [length, ...names.map((name) => tf.mul(gradients[name]!, factor))];
  });
  return { gradients: Object.fromEntries(names.map((name, i) => [name, clipped[i]!])), norm: norm as tf.Scalar };
}
