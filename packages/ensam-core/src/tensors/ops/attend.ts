import { defineGradient, hasKernel, runKernelOfMany } from "../kernels.ts";
import { expectShapes, ShapeError } from "../shapes.ts";
import { tf } from "../tf.ts";

/**
 * Attention of Na queries to Nb keys, per head of d = C / heads channels: `softmax(√d q kᵀ) v`. The factor √d, not
 * 1/√d, is nGPT's: its queries and keys have unit length.
 *
 * @param q  [Na, C]
 * @param k  [Nb, C]
 * @param v  [Nb, C]
 * @returns  [Na, C], heads side by side
 */
export function attend(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, heads: number): tf.Tensor {
  checkAttend(q, k, v, heads);
  if (!hasKernel("EnsamAttention")) return attendComposed(q, k, v, heads);
  return tf.tidy(() => runKernelOfMany("EnsamAttention", { q, k, v }, { heads })[0]!);
}

/** `attend` made of stock operators. */
export function attendComposed(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, heads: number): tf.Tensor {
  checkAttend(q, k, v, heads);
  const size = q.shape[1]! / heads;
  return tf.tidy(() => {
    const perHead = (x: tf.Tensor) => tf.transpose(tf.reshape(x, [x.shape[0]!, heads, size]), [1, 0, 2]);
    const scores = tf.mul(tf.matMul(perHead(q), perHead(k), false, true), Math.sqrt(size));
    const read = tf.matMul(tf.softmax(scores), perHead(v));
    return tf.reshape(tf.transpose(read, [1, 0, 2]), q.shape);
  });
}

defineGradient("EnsamAttention", {
  saveInputs: ["q", "k", "v"],
  saveOutputs: [false, true],
  gradients: ([dy], [q, k, v, weights], { heads }) => {
    const [dq, dk, dv] = runKernelOfMany(
      "EnsamAttentionGradient",
      { dy: dy!, q: q!, k: k!, v: v!, weights: weights! },
      { heads: heads as number },
    );
    return { q: () => dq!, k: () => dk!, v: () => dv! };
  },
});

function checkAttend(q: tf.Tensor, k: tf.Tensor, v: tf.Tensor, heads: number): void {
  const { C } = expectShapes("attend", { q: [q, ["Na", "C"]], k: [k, ["Nb", "C"]], v: [v, ["Nb", "C"]] });
  if (C % heads !== 0) throw new ShapeError(`attend: heads: expected a divisor of ${C}, got ${heads}`);
}
