import { type Kernel as KernelOn, kernelOf, registerOn } from "../backend/register.ts";
import { backendName, type WasmBackend } from "./backend.ts";

export { sizeOf } from "../backend/tensorInfo.ts";

export type Kernel<Attributes = Record<string, never>> = KernelOn<WasmBackend, Attributes>;

/** Makes a kernel known to TensorFlow.js, in place of the stock one of that name if there is one. */
export function register<Attributes = Record<string, never>>(kernelName: string, kernel: Kernel<Attributes>): void {
  registerOn(backendName, kernelName, kernel);
}

/** The stock kernel of a name, for what ours does not cover. */
export function stockKernel(kernelName: string): Kernel<object> {
  return kernelOf("cpu", kernelName);
}
