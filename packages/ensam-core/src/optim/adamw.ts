import { tf } from "../tensors/index.ts";

export interface AdamwSettings {
  readonly learningRate: number;
  readonly weightDecay: number;
  /** Decays of the mean and of the mean square. */
  readonly betas: readonly [number, number];
  /** Added to the denominator. */
  readonly epsilon: number;
  /** Updates including this one, from 1. */
  readonly steps: number;
}

/** Running mean of the gradient and of its square, both of the weight's shape. */
export interface AdamwMemory {
  readonly mean: tf.Tensor;
  readonly square: tf.Tensor;
}

/** One update by AdamW (Loshchilov and Hutter 2019): Adam with weight decay apart from the gradient. */
export function adamwStep(
  weight: tf.Tensor,
  gradient: tf.Tensor,
  memory: AdamwMemory,
  settings: AdamwSettings,
): { weight: tf.Tensor; mean: tf.Tensor; square: tf.Tensor } {
  const { learningRate, weightDecay, epsilon, steps } = settings;
  const [beta1, beta2] = settings.betas;
  return tf.tidy(() => {
    const mean = tf.add(tf.mul(memory.mean, beta1), tf.mul(gradient, 1 - beta1));
    const square = tf.add(tf.mul(memory.square, beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const deviation = tf.sqrt(tf.div(square, 1 - beta2 ** steps));
    const change = tf.div(tf.mul(mean, learningRate / (1 - beta1 ** steps)), tf.add(deviation, epsilon));
    const decayed = weightDecay === 0 ? weight : tf.mul(weight, 1 - learningRate * weightDecay);
    return { weight: tf.sub(decayed, change), mean, square };
  });
}
