import { tf } from "../tensors/index.ts";
import { type Parameters, parameter } from "./parameters.ts";

/**
 * Rotary positions with learned, mixed-axis frequencies (the baseline "RoPE-Mixed" of the LieRE article): LieRE with
 * generators of 2×2 blocks. Channel pair b turns by `θ_b = Σ_a p_a ω_ab`. These rotations commute, so scores depend on
 * relative position exactly.
 *
 * @param points  [N, 3]
 * @returns       [N, g, g], block diagonal
 */
export function ropeRotations(parameters: Parameters, points: tf.Tensor): tf.Tensor {
  const frequencies = parameter(parameters, "position.frequencies");
  const pairs = frequencies.shape[1]!;
  const size = 2 * pairs;
  return tf.tidy(() => {
    const angles = tf.matMul(points, frequencies);
    const diagonal = tf.matMul(tf.cos(angles), tf.tensor2d(pairPattern(pairs, 1, 0, 0, 1), [pairs, size * size]));
    const beside = tf.matMul(tf.sin(angles), tf.tensor2d(pairPattern(pairs, 0, -1, 1, 0), [pairs, size * size]));
    return tf.reshape(tf.add(diagonal, beside), [points.shape[0]!, size, size]);
  });
}

/** Row b is a flat [g, g] matrix that is zero but for the 2×2 block of channel pair b. */
function pairPattern(pairs: number, a: number, b: number, c: number, d: number): Float32Array {
  const size = 2 * pairs;
  const patterns = new Float32Array(pairs * size * size);
  for (let pair = 0; pair < pairs; pair++) {
    const corner = pair * size * size + 2 * pair * size + 2 * pair;
    patterns.set([a, b], corner);
    patterns.set([c, d], corner + size);
  }
  return patterns;
}
