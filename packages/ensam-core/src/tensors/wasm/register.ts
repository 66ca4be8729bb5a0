import { tf } from "../tf.ts";
import { backendName, type TensorInfo, type WasmBackend } from "./backend.ts";

/** A kernel of ours: named inputs and attributes to one output or several. */
export type Kernel<Attributes = Record<string, never>> = (
  backend: WasmBackend,
  inputs: Record<string, TensorInfo>,
  attributes: Attributes,
) => TensorInfo | TensorInfo[];

/** Makes a kernel known to TensorFlow.js, in place of the stock one of that name if there is one. */
export function register<Attributes = Record<string, never>>(kernelName: string, kernel: Kernel<Attributes>): void {
  if (tf.getKernel(kernelName, backendName) != null) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) =>
      kernel(
        backend as WasmBackend,
        inputs as unknown as Record<string, TensorInfo>,
        attrs as Attributes,
      ) as tf.TensorInfo,
  });
}

/** The stock kernel of a name, for what ours does not cover. */
export function stockKernel(kernelName: string): Kernel<object> {
  const stock = tf.getKernel(kernelName, "cpu");
  return (backend, inputs, attrs) =>
    stock.kernelFunc({
      inputs: inputs as unknown as tf.NamedTensorInfoMap,
      backend,
      attrs: attrs as tf.NamedAttrMap,
    }) as TensorInfo;
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}
