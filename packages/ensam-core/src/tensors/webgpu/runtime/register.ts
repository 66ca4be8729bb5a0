import { type Kernel as KernelOn, registerOn } from "../../backend/register.ts";
import { backendName, type GpuBackend } from "./backend.ts";

export { sizeOf } from "../../backend/tensorInfo.ts";

export type Kernel<Attributes = Record<string, never>> = KernelOn<GpuBackend, Attributes>;

/** Makes a kernel known to TensorFlow.js, in place of the stock one of that name if there is one. */
export function register<Attributes = Record<string, never>>(kernelName: string, kernel: Kernel<Attributes>): void {
  registerOn(backendName, kernelName, kernel);
}
