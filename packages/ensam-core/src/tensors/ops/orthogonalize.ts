import { tf } from "../tf.ts";

/**
 * The quintic polynomial that drives singular values toward 1 (Jordan et al., github.com/KellerJordan/Muon), iterated.
 */
export const newtonSchulz = {
  /** Factors of x, x³ and x⁵. */
  coefficients: [3.4445, -4.775, 2.0315] as [number, number, number],
  iterations: 5,
  /** Added to the Frobenius norm. */
  epsilon: 1e-7,
};

export type NewtonSchulz = typeof newtonSchulz;

/**
 * The nearly orthogonal matrix that a matrix leans to, by five Newton–Schulz iterations: singular vectors stay,
 * singular values go to between 0.7 and 1.2. Zero stays zero. Made of stock operators; devices do this as a part of
 * `muonUpdate`.
 *
 * @param matrix  [rows, columns]
 */
export function orthogonalize(matrix: tf.Tensor2D): tf.Tensor2D {
  const { coefficients, iterations, epsilon } = newtonSchulz;
  const [a, b, c] = coefficients;
  const isTall = matrix.shape[0] > matrix.shape[1];
  return tf.tidy(() => {
    let x: tf.Tensor = isTall ? tf.transpose(matrix) : matrix;
    x = tf.div(x, tf.add(tf.sqrt(tf.sum(tf.square(x))), epsilon));
    for (let i = 0; i < iterations; i++) {
      const gram = tf.matMul(x, x, false, true);
      const quintic = tf.add(tf.mul(gram, b), tf.mul(tf.matMul(gram, gram), c));
      x = tf.add(tf.mul(x, a), tf.matMul(quintic, x));
    }
    return (isTall ? tf.transpose(x) : x) as tf.Tensor2D;
  });
}
