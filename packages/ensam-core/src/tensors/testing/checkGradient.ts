import { expect } from "vitest";
import { splitGradient, tf } from "../index.ts";

interface GradientCheck {
  /** Length of the step to either side. */
  readonly step?: number;
  readonly rtol?: number;
  readonly seed?: number;
}

/**
 * Expects the gradient of a scalar function of some tensors to agree with a central difference along one random
 * direction. A guard against wrong formulas: with steps of 1e-2 it sees errors of 2 %.
 */
export function checkGradient(
  f: (...x: tf.Tensor[]) => tf.Tensor,
  x: readonly tf.Tensor[],
  { step = 1e-2, rtol = 1e-2, seed = 1 }: GradientCheck = {},
): void {
  tf.tidy(() => {
    const directions = x.map((tensor, i) => tf.randomNormal(tensor.shape, 0, 1, "float32", seed + i));
    const along = (t: number) =>
      tf.tidy(() => f(...x.map((tensor, i) => tf.add(tensor, tf.mul(directions[i]!, t)))).dataSync()[0]!);
    const numeric = (along(step) - along(-step)) / (2 * step);
    const { backward } = splitGradient(() => [f(...x)], x);
    const gradients = backward([tf.scalar(1)]);
    const analytic = gradients.reduce((sum, g, i) => sum + tf.sum(tf.mul(g, directions[i]!)).dataSync()[0]!, 0);
    const error = Math.abs(analytic - numeric) / Math.max(1, Math.abs(numeric));
    expect(error, `analytic ${analytic}, numeric ${numeric}`).toBeLessThan(rtol);
  });
}
