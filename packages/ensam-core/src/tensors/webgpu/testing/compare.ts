import { tf } from "../../tf.ts";
import { type Given, normals, relativeError } from "../../wasm/testing/compareDevices.ts";
import { backendName } from "../runtime/backend.ts";

export { type Given, given, normals, relativeError } from "../../wasm/testing/compareDevices.ts";

type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

interface Evaluated {
  output: Float32Array;
  gradients: Float32Array[];
}

/** Value of an operator and its gradients along a fixed direction, on a device. */
async function evaluateOn(device: string, op: Op, inputs: readonly Given[], seed: number): Promise<Evaluated> {
  tf.setBackend(device);
  try {
    const [output, ...gradients] = tf.tidy(() => {
      const tensors = inputs.map(({ shape, values }) => tf.tensor(values.slice(), shape, "float32"));
      const value = op(...tensors);
      const direction = tf.tensor(normals(value.size, seed), value.shape, "float32");
      const { grads } = tf.engine().gradients(() => op(...tensors), tensors, direction, true);
      return [value, ...grads];
    });
    const read = async (tensor: tf.Tensor) => (await tensor.data()) as Float32Array;
    const result = { output: await read(output!), gradients: await Promise.all(gradients.map(read)) };
    tf.dispose([output!, ...gradients]);
    return result;
  } finally {
    tf.setBackend(backendName);
  }
}

interface Differences {
  readonly output: number;
  readonly gradients: readonly number[];
}

/** Value and gradients on the GPU. */
export function valuesOf(op: Op, inputs: readonly Given[], seed = 5): Promise<Evaluated> {
  return evaluateOn(backendName, op, inputs, seed);
}

/**
 * Largest differences between our kernels on the GPU and the composed reference on the CPU, relative to the largest
 * value.
 */
export async function differences(op: Op, inputs: readonly Given[], seed = 5): Promise<Differences> {
  const actual = await evaluateOn(backendName, op, inputs, seed);
  const expected = await evaluateOn("cpu", op, inputs, seed);
  return {
    output: relativeError(actual.output, expected.output),
    gradients: actual.gradients.map((gradient, i) => relativeError(gradient, expected.gradients[i]!)),
  };
}

/** Throws where our kernels and the reference differ by more than this, relative to the largest value. */
export async function expectSame(
  op: Op,
  inputs: readonly Given[],
  { output = 1e-5, gradient = 1e-4 }: { output?: number; gradient?: number } = {},
): Promise<void> {
  const found = await differences(op, inputs);
  if (!(found.output < output)) throw new Error(`output: expected within ${output}, got ${found.output}`);
  found.gradients.forEach((own, i) => {
    if (!(own < gradient)) throw new Error(`gradient ${i}: expected within ${gradient}, got ${own}`);
  });
}
