import { crossEntropyWeight, diceEpsilon } from "../constants.ts";
import { defineGradient, hasKernel, runKernel, runKernelOfMany } from "../kernels.ts";
import { ShapeError } from "../shapes.ts";
import { tf } from "../tf.ts";

/**
 * The training loss of one interaction, `[total, dice, crossEntropy]` with `total = dice + 2 crossEntropy`:
 * soft Dice with squared denominator, `1 - (2 Σ p t + ε) / (Σ p² + Σ t² + ε)`, and the mean binary cross-entropy, where
 * p is the sigmoid of the logits. Only `total` may be differentiated: device kernels give no gradient of the parts.
 *
 * @param logits  any shape
 * @param target  the same shape, 0 or 1
 */
export function diceCrossEntropy(logits: tf.Tensor, target: tf.Tensor): tf.Tensor1D {
  checkLoss(logits, target);
  if (!hasKernel("EnsamDiceCrossEntropy")) return diceCrossEntropyComposed(logits, target);
  return tf.tidy(() => runKernelOfMany("EnsamDiceCrossEntropy", { logits, target })[0] as tf.Tensor1D);
}

/** `diceCrossEntropy` made of stock operators. */
export function diceCrossEntropyComposed(logits: tf.Tensor, target: tf.Tensor): tf.Tensor1D {
  checkLoss(logits, target);
  return tf.tidy(() => {
    const z = tf.reshape(logits, [-1]);
    const t = tf.reshape(target, [-1]);
    const p = tf.sigmoid(z);
    const overlap = tf.sum(tf.mul(p, t));
    const sizes = tf.add(tf.sum(tf.square(p)), tf.sum(tf.square(t)));
    const dice = tf.sub(1, tf.div(tf.add(tf.mul(overlap, 2), diceEpsilon), tf.add(sizes, diceEpsilon)));
    // -t log p - (1 - t) log(1 - p) = softplus(z) - z t, which stays finite at any logit.
    const crossEntropy = tf.mean(tf.sub(tf.softplus(z), tf.mul(z, t)));
    const total = tf.add(dice, tf.mul(crossEntropy, crossEntropyWeight));
    return tf.stack([total, dice, crossEntropy]) as tf.Tensor1D;
  });
}

defineGradient("EnsamDiceCrossEntropy", {
  saveInputs: ["logits", "target"],
  saveOutputs: [false, true],
  gradients: ([dParts], [logits, target, sums]) => ({
    logits: () => {
      const dTotal = tf.reshape(tf.slice(dParts!, [0], [1]), []);
      return runKernel("EnsamDiceCrossEntropyGradient", { dTotal, logits: logits!, target: target!, sums: sums! });
    },
  }),
});

function checkLoss(logits: tf.Tensor, target: tf.Tensor): void {
  if (!tf.util.arraysEqual(logits.shape, target.shape)) {
    throw new ShapeError(
      `diceCrossEntropy: target: expected [${logits.shape.join(", ")}], got [${target.shape.join(", ")}]`,
    );
  }
}
