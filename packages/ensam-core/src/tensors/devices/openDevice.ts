import { openCpu } from "./cpu.ts";
import { type Device, type DeviceOptions, DeviceUnavailable } from "./device.ts";

/**
 * Opens a device and makes it current. `auto` takes `webgpu` where there is a GPU, else `wasm`, and `cpu` where
 * WebAssembly cannot be had; its description says why. `webgpu:1` is the second of several GPUs.
 */
export async function openDevice(name: string, options: DeviceOptions = {}): Promise<Device> {
  const [, adapter] = /^webgpu:(\d+)$/.exec(name) ?? [];
  if (adapter !== undefined)
    return (await import("../webgpu/openWebgpu.ts")).openWebgpu({ ...options, adapter: Number(adapter) });
  switch (name) {
    case "auto":
      return openBest(options);
    case "cpu":
      return openCpuDevice(options);
    case "wasm":
      return openWasmDevice(options);
    case "webgpu":
      return (await import("../webgpu/openWebgpu.ts")).openWebgpu(options);
    case "tensorflow":
      expectF32(name, options);
      return (await import("./tensorflow.ts")).openTensorflow(options);
    default:
      throw new DeviceUnavailable(`device: expected auto, cpu, wasm, webgpu or tensorflow, got "${name}"`);
  }
}

async function openBest(options: DeviceOptions): Promise<Device> {
  const reasons: string[] = [];
  for (const open of [openGpu, openWasmDevice, openCpuDevice]) {
    try {
      const device = await open(options);
      return { ...device, description: `${device.description} (${["auto", ...reasons].join("; ")})` };
    } catch (error) {
      if (!(error instanceof DeviceUnavailable)) throw error;
      reasons.push(error.message);
    }
  }
  throw new DeviceUnavailable(`device: expected one that opens, got ${reasons.join("; ")}`);
}

/** A GPU that is one: adapters that compute on the processor are slower there than `wasm`. */
async function openGpu(options: DeviceOptions): Promise<Device> {
  const { openWebgpu, whyNoGpu } = await import("../webgpu/openWebgpu.ts");
  const reason = whyNoGpu();
  if (reason !== undefined) throw new DeviceUnavailable(reason);
  return openWebgpu({ ...options, allowSoftware: false });
}

/** Loaded only when asked for: the other devices do without its kernels. */
async function openWasmDevice(options: DeviceOptions): Promise<Device> {
  expectF32("wasm", options);
  const { openWasm } = await import("../wasm/openWasm.ts");
  return openWasm(options);
}

async function openCpuDevice(options: DeviceOptions): Promise<Device> {
  expectF32("cpu", options);
  return openCpu();
}

/** Only GPUs have anything but f32; `auto` is f32 elsewhere. */
function expectF32(device: string, { precision }: DeviceOptions): void {
  if (precision === "f16" || precision === "matrix") {
    throw new DeviceUnavailable(`${device}: precision: expected f32 or auto, got ${precision}: only webgpu has it`);
  }
}
