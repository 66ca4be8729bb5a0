import { tf } from "@ensam/core/tensors";

type Attributes = Parameters<ReturnType<typeof tf.engine>["runKernel"]>[2];

/** Runs a kernel of the current device by its name, past the operators' checks. */
export function runKernel(
  name: string,
  inputs: Record<string, tf.Tensor>,
  attributes: object = {},
): tf.Tensor | tf.Tensor[] {
  return tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(name, inputs, attributes as Attributes);
}
