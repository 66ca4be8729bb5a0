import { hasKernel, runKernelOfMany } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";

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

/** A weight with its gradient and the running means of the gradient and of its square, all of one shape. */
export interface AdamwParameter {
  readonly weight: tf.Tensor;
  readonly gradient: tf.Tensor;
  readonly mean: tf.Tensor;
  readonly square: tf.Tensor;
}

/** What an update by AdamW changes, each of the weight's shape. */
export type AdamwUpdated = Omit<AdamwParameter, "gradient">;

/**
 * One update by AdamW (Loshchilov and Hutter 2019): Adam with weight decay apart from the gradient. Without gradients
 * of its own. Every tensor returned is new.
 */
export function adamwUpdate(parameter: AdamwParameter, settings: AdamwSettings): AdamwUpdated {
  checkAdamw(parameter);
  if (!hasKernel("EnsamAdamwUpdate")) return adamwUpdateComposed(parameter, settings);
  const inputs = { ...parameter };
  const [weight, mean, square] = runKernelOfMany("EnsamAdamwUpdate", inputs, { ...factorsOf(settings) });
  return { weight: weight!, mean: mean!, square: square! };
}

/** `adamwUpdate` made of stock operators. */
export function adamwUpdateComposed(parameter: AdamwParameter, settings: AdamwSettings): AdamwUpdated {
  checkAdamw(parameter);
  const { weight, gradient } = parameter;
  const { beta1, rest1, beta2, rest2, rate, correction, epsilon, kept } = factorsOf(settings);
  return tf.tidy(() => {
    const mean = tf.add(tf.mul(parameter.mean, beta1), tf.mul(gradient, rest1));
    const square = tf.add(tf.mul(parameter.square, beta2), tf.mul(tf.square(gradient), rest2));
    const deviation = tf.sqrt(tf.div(square, correction));
    const change = tf.div(tf.mul(mean, rate), tf.add(deviation, epsilon));
    const decayed = kept === 1 ? weight : tf.mul(weight, kept);
    return { weight: tf.sub(decayed, change), mean, square };
  });
}

/** The numbers of an update, in float64: what is left of 1 after a decay near 1 would lose digits in float32. */
export type AdamwFactors = ReturnType<typeof factorsOf>;

function factorsOf({ learningRate, weightDecay, betas: [beta1, beta2], epsilon, steps }: AdamwSettings) {
  return {
    ...{ beta1, beta2, rest1: 1 - beta1, rest2: 1 - beta2, epsilon },
    /** Learning rate over the share of gradients in the mean, which begins at zero. */
    rate: learningRate / (1 - beta1 ** steps),
    /** That share in the mean square. */
    correction: 1 - beta2 ** steps,
    /** What weight decay leaves of the weight. */
    kept: 1 - learningRate * weightDecay,
  };
}

function checkAdamw({ weight, gradient, mean, square }: AdamwParameter): void {
  const { shape } = weight;
  expectShapes("adamwUpdate", { gradient: [gradient, shape], mean: [mean, shape], square: [square, shape] });
}
