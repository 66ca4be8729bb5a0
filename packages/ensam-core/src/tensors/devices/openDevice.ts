import { openCpu } from "./cpu.ts";
import { type Device, type DeviceOptions, DeviceUnavailable } from "./device.ts";

/**
 * Opens a device and makes it current. `auto` takes `wasm`, and `cpu` where WebAssembly cannot be had; its description
 * says why.
 */
export async function openDevice(name: string, options: DeviceOptions = {}): Promise<Device> {
  switch (name) {
    case "auto":
      return openBest(options);
    case "cpu":
      return openCpu();
    case "wasm":
      return openWasmDevice(options);
    case "webgpu":
      throw new DeviceUnavailable('device: expected "webgpu" to be part of this version, got none: use wasm or cpu');
    case "tensorflow":
      return (await import("./tensorflow.ts")).openTensorflow(options);
    default:
      throw new DeviceUnavailable(`device: expected auto, cpu, wasm, webgpu or tensorflow, got "${name}"`);
  }
}

async function openBest(options: DeviceOptions): Promise<Device> {
  try {
    const device = await openWasmDevice(options);
    return { ...device, description: `${device.description} (auto)`, dispose: () => device.dispose() };
  } catch (error) {
    if (!(error instanceof DeviceUnavailable)) throw error;
    const device = await openCpu();
    return { ...device, description: `${device.description} (auto: ${error.message})` };
  }
}

/** Loaded only when asked for: the other devices do without its kernels. */
async function openWasmDevice(options: DeviceOptions): Promise<Device> {
  const { openWasm } = await import("./wasm.ts");
  return openWasm(options);
}
