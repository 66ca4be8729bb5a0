import { tf } from "../tf.ts";
import type { OwnBackend } from "./ownBackend.ts";
import type { TensorInfo } from "./tensorInfo.ts";

/** A kernel of ours: named inputs and attributes to one output or several. */
export type Kernel<Backend, Attributes = Record<string, never>> = (
  backend: Backend,
  inputs: Record<string, TensorInfo>,
  attributes: Attributes,
) => TensorInfo | TensorInfo[];

/** Makes a kernel known to TensorFlow.js for a backend of ours, in place of the one of that name if there is one. */
export function registerOn<Backend extends OwnBackend, Attributes>(
  backendName: string,
  kernelName: string,
  kernel: Kernel<Backend, Attributes>,
): void {
  if (tf.getKernel(kernelName, backendName) != null) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const typed = backend as Backend;
      const tensors = inputs as unknown as Record<string, TensorInfo>;
      return typed.guard(() => kernel(typed, tensors, attrs as Attributes)) as tf.TensorInfo;
    },
  });
}

/** The kernel of a name that a backend has. */
export function kernelOf<Backend extends object>(backendName: string, kernelName: string): Kernel<Backend, object> {
  const stock = tf.getKernel(kernelName, backendName);
  return (backend, inputs, attrs) =>
    stock.kernelFunc({
      inputs: inputs as unknown as tf.NamedTensorInfoMap,
      backend,
      attrs: attrs as tf.NamedAttrMap,
    }) as TensorInfo;
}

/** Makes the stock kernels of a backend of ours free what they made when they fail, as ours do. */
export function guardStockKernels(backendName: string): void {
  for (const { kernelName } of tf.getKernelsForBackend(backendName)) {
    registerOn(backendName, kernelName, kernelOf<OwnBackend>(backendName, kernelName));
  }
}
