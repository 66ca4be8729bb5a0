import { tf } from "./tf.ts";

type Inputs = Record<string, tf.Tensor>;
type Attributes = Parameters<ReturnType<typeof tf.engine>["runKernel"]>[2];

/** Whether the current device brings its own kernel of this name; without it an operator uses its composed form. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) != null;
}

/** Runs a device kernel with one output. Gradients, where the tape is on, are those given to `defineGradient`. */
export function runKernel(name: string, inputs: Inputs, attributes: Attributes = {}): tf.Tensor {
  const output = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(name, inputs, attributes);
  return Array.isArray(output) ? output[0]! : output;
}

/** Runs a device kernel with several outputs. */
export function runKernelOfMany(name: string, inputs: Inputs, attributes: Attributes = {}): tf.Tensor[] {
  return tf.engine().runKernel<tf.Tensor[]>(name, inputs, attributes);
}

export interface GradientDefinition {
  /** Names of the inputs that the gradient needs, handed back in this order. */
  readonly saveInputs?: string[];
  /** For each output, whether the gradient needs it; handed back after the inputs. */
  readonly saveOutputs?: boolean[];
  /**
   * Gradients of the inputs by name, each a function that is called only if that input leads to what is differentiated.
   *
   * @param outputGradients  one for each output; zeros where an output was not used
   */
  gradients(
    outputGradients: tf.Tensor[],
    saved: tf.Tensor[],
    attributes: Record<string, unknown>,
  ): Record<string, () => tf.Tensor>;
}

/** Tells TensorFlow.js how to differentiate one of our kernels, on whatever device registers it. */
export function defineGradient(kernelName: string, definition: GradientDefinition): void {
  tf.registerGradient({
    kernelName,
    inputsToSave: definition.saveInputs ?? [],
    outputsToSave: definition.saveOutputs ?? [],
    gradFunc: (dy, saved, attributes) =>
      definition.gradients(Array.isArray(dy) ? dy : [dy], saved, attributes as Record<string, unknown>),
  });
}
