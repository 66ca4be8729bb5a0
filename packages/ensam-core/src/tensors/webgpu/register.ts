import { tf } from "../tf.ts";
import { backendName, type GpuBackend, type TensorInfo } from "./backend.ts";

export { sizeOf } from "./stockBackend.ts";

/** A kernel of ours: named inputs and attributes to one output or several. */
export type Kernel<Attributes = Record<string, never>> = (
  backend: GpuBackend,
  inputs: Record<string, TensorInfo>,
  attributes: Attributes,
) => TensorInfo | TensorInfo[];

/** Makes a kernel known to TensorFlow.js, in place of the stock one of that name if there is one. */
export function register<Attributes = Record<string, never>>(kernelName: string, kernel: Kernel<Attributes>): void {
  if (tf.getKernel(kernelName, backendName) != null) tf.unregisterKernel(kernelName, backendName);
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, backend, attrs }) => {
      const gpu = backend as GpuBackend;
      const tensors = inputs as unknown as Record<string, TensorInfo>;
      return gpu.guard(() => kernel(gpu, tensors, attrs as Attributes)) as tf.TensorInfo;
    },
  });
}
