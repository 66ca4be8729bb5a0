/// <reference types="@webgpu/types" />

import { DeviceUnavailable } from "../../devices/device.ts";
import type { StockBackendClass } from "./stockBackend.ts";

/** Makes an instance of Dawn with its switches. */
export type Create = (options: string[]) => GPU;

/** How the package comes to an installation that was made without it. */
export const howToAddDawn = '"make setup-webgpu" adds it ("npm install webgpu@0.6.2" where the packages came by npm)';

/** Whether the npm package webgpu, an optional peer, is there; it is not loaded. */
export function hasDawn(): boolean {
  try {
    import.meta.resolve("webgpu");
    return true;
  } catch {
    return false;
  }
}

/** Loads Dawn, makes WebGPU's names global and loads the stock backend on it. */
export async function loadDawn(): Promise<{ create: Create; Stock: StockBackendClass }> {
  if (!hasDawn()) {
    throw new DeviceUnavailable(`webgpu: expected the npm package webgpu (Dawn), got none installed: ${howToAddDawn}`);
  }
  try {
    const { create, globals } = await import("webgpu");
    for (const [name, value] of Object.entries(Object.getOwnPropertyDescriptors(globals))) {
      if (!(name in globalThis)) Object.defineProperty(globalThis, name, { ...value, configurable: true });
    }
    const { WebGPUBackend } = await import("@tensorflow/tfjs-backend-webgpu");
    return { create, Stock: WebGPUBackend as unknown as StockBackendClass };
  } catch (error) {
    throw new DeviceUnavailable(
      `webgpu: expected Dawn (the npm package webgpu) to load, got ${(error as Error).message.split("\n")[0]}: ` +
        "on Linux it needs glibc 2.34 or newer",
    );
  }
}
