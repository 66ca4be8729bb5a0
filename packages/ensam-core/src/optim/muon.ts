import { tf } from "../tensors/index.ts";

export interface MuonSettings {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Decay of the momentum, which is Nesterov's. */
  readonly momentum: number;
  /** Factor on the orthogonal direction. */
  readonly scale: number;
}

/** Coefficients of the quintic that drives singular values toward 1 (Jordan et al., github.com/KellerJordan/Muon). */
const [a, b, c] = [3.4445, -4.775, 2.0315];
const iterations = 5;
/** Added to the Frobenius norm. */
const epsilon = 1e-7;

/**
 * One update by Muon: momentum, orthogonalized. A tensor beyond two axes is viewed as the matrix [out, everything else].
 *
 * @param momentum  of the weight's shape
 */
export function muonStep(
  weight: tf.Tensor,
  gradient: tf.Tensor,
  momentum: tf.Tensor,
  settings: MuonSettings,
): { weight: tf.Tensor; momentum: tf.Tensor } {
  const { learningRate, weightDecay, scale } = settings;
  return tf.tidy(() => {
    const nextMomentum = tf.add(tf.mul(momentum, settings.momentum), gradient);
    const update = tf.add(gradient, tf.mul(nextMomentum, settings.momentum));
    const direction = tf.reshape(orthogonalize(asMatrix(update)), weight.shape);
    const decayed = weightDecay === 0 ? weight : tf.mul(weight, 1 - learningRate * weightDecay);
    return { weight: tf.sub(decayed, tf.mul(direction, learningRate * scale)), momentum: nextMomentum };
  });
}

/** A weight [out, ...] as the matrix [out, everything else]. */
function asMatrix(weight: tf.Tensor): tf.Tensor2D {
  return tf.reshape(weight, [weight.shape[0]!, -1]);
}

/**
 * The nearly orthogonal matrix that a matrix leans to, by five Newton–Schulz iterations: singular vectors stay, singular
 * values go to between 0.7 and 1.2. Zero stays zero.
 *
 * @param matrix  [rows, columns]
 */
export function orthogonalize(matrix: tf.Tensor2D): tf.Tensor2D {
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
