import { defineGradient, hasKernel, runKernel, runKernelOfMany } from "../kernels.ts";
import { expectShapes, ShapeError } from "../shapes.ts";
import { tf } from "../tf.ts";
import { unitComposed } from "./unit.ts";

/**
 * Queries or keys made ready for the dot product: per head brought to unit length, scaled per channel, then turned by
 * the rotation of the token's position, `R_n (scale_h * unit(x_nh))`. The scale comes first because a rotation between
 * scale and dot product is what lets a score depend on the positions as rotations do.
 *
 * @param x          [N, C], C = heads * g
 * @param scale      [C]
 * @param rotations  [N, g, g], shared by all heads
 * @returns          [N, C]
 */
export function scaleRotate(x: tf.Tensor, scale: tf.Tensor, rotations: tf.Tensor, heads: number): tf.Tensor {
  checkScaleRotate(x, scale, rotations, heads);
  if (!hasKernel("EnsamScaleRotate")) return scaleRotateComposed(x, scale, rotations, heads);
  return runKernel("EnsamScaleRotate", { x, scale, rotations }, { heads });
}

/** `scaleRotate` made of stock operators. */
export function scaleRotateComposed(x: tf.Tensor, scale: tf.Tensor, rotations: tf.Tensor, heads: number): tf.Tensor {
  checkScaleRotate(x, scale, rotations, heads);
  const [n, channels] = x.shape as [number, number];
  const size = channels / heads;
  return tf.tidy(() => {
    const scaled = tf.mul(unitComposed(tf.reshape(x, [n, heads, size])), tf.reshape(scale, [heads, size]));
    return tf.reshape(tf.matMul(scaled, rotations, false, true), [n, channels]);
  });
}

defineGradient("EnsamScaleRotate", {
  saveInputs: ["x", "scale", "rotations"],
  gradients: ([dy], [x, scale, rotations], { heads }) => {
    const [dx, dScale, dRotations] = runKernelOfMany(
      "EnsamScaleRotateGradient",
      { dy: dy!, x: x!, scale: scale!, rotations: rotations! },
      { heads: heads as number },
    );
    return { x: () => dx!, scale: () => dScale!, rotations: () => dRotations! };
  },
});

function checkScaleRotate(x: tf.Tensor, scale: tf.Tensor, rotations: tf.Tensor, heads: number): void {
  const { C, g } = expectShapes("scaleRotate", {
    x: [x, ["N", "C"]],
    scale: [scale, ["C"]],
    rotations: [rotations, ["N", "g", "g"]],
  });
  if (C !== heads * g) throw new ShapeError(`scaleRotate: heads: expected ${C} / ${g}, got ${heads}`);
}
