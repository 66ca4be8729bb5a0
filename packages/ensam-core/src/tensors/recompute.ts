import { splitGradient } from "./splitGradient.ts";
import { tf } from "./tf.ts";

/** The part of TensorFlow.js's engine under `tf.customGrad`, which for its part takes functions of one output only. */
interface OperatorEngine {
  runKernelFunc(operator: {
    forwardFunc(backend: unknown, save: (tensors: tf.Tensor[]) => void): tf.Tensor[];
    backwardsFunc(outputGradients: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]): Record<string, () => tf.Tensor>;
    inputs: Record<string, tf.Tensor>;
  }): tf.Tensor[];
}

/**
 * `f(inputs)` whose intermediate results are not kept for the gradient: on the way back f runs once more, from its
 * inputs, and is differentiated then (gradient checkpointing; Griewank and Walther 2000, Chen et al. 2016). Values and
 * gradients are those of `f` to the bit, for one more forward pass.
 *
 * @param f computes tensors of its own (none of its inputs) from tensors alone: it must give the same each time. What
 *                it takes from elsewhere gets no gradient and has to be there still when the gradient is computed.
 * @param inputs  all tensors that need a gradient, weights included
 */
export function recompute(f: (inputs: tf.Tensor[]) => tf.Tensor[], inputs: readonly tf.Tensor[]): tf.Tensor[] {
  const engine = tf.engine() as unknown as OperatorEngine;
  return engine.runKernelFunc({
    forwardFunc: (_backend, save) => {
      save([...inputs]);
      return f([...inputs]);
    },
    backwardsFunc: (dy, saved) => {
      const gradients = gradientsOf(f, saved, Array.isArray(dy) ? dy : [dy]);
      return Object.fromEntries(gradients.map((gradient, i) => [String(i), () => gradient]));
    },
    inputs: Object.fromEntries(inputs.map((input, i) => [String(i), input])),
  });
}

function gradientsOf(
  f: (inputs: tf.Tensor[]) => tf.Tensor[],
  inputs: tf.Tensor[],
  outputGradients: tf.Tensor[],
): tf.Tensor[] {
  const { state } = tf.engine();
  const around = state.activeTape;
  try {
    const { outputs, backward } = splitGradient(() => f(inputs), inputs);
    tf.dispose(outputs);
    return backward(outputGradients);
  } finally {
    // TensorFlow.js's own gradients free what their tape saved when they are done: it must be theirs again.
    state.activeTape = around;
  }
}
