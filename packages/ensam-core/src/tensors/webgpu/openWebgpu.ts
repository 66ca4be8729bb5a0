/// <reference types="@webgpu/types" />
import { tmpdir } from "node:os";
import {
  type Device,
  type DeviceOptions,
  DeviceUnavailable,
  type GpuFacts,
  type Precision,
} from "../devices/device.ts";
import { tf } from "../tf.ts";
import { choosePrecision } from "./convolution/choosePrecision.ts";
import { matrixFeature, matrixUnitOf } from "./convolution/matrixUnit.ts";
import { tuneTiles } from "./convolution/tuneTiles.ts";
import { registerKernels } from "./kernels.ts";
import { backendName, createBackend, type GpuBackend } from "./runtime/backend.ts";
import type { PoolStatistics } from "./runtime/bufferPool.ts";
import { type Create, hasDawn, howToAddDawn, loadDawn } from "./runtime/loadDawn.ts";
import { graphicsFacts, whyNoAdapter } from "./runtime/whyNoAdapter.ts";

export type { PoolStatistics } from "./runtime/bufferPool.ts";

export interface WebgpuOptions extends DeviceOptions {
  /** Which of several adapters, counted from 0 in Dawn's order; the fastest if absent. */
  readonly adapter?: number;
  /** Whether an adapter that computes on the CPU will do. @default true */
  readonly allowSoftware?: boolean;
  /**
   * Most bytes of one buffer, 256 or more, if fewer than the adapter allows: tensors over it lie in several. So tests
   * can see with small shapes what large ones do.
   */
  readonly largestBufferBytes?: number;
}

/**
 * Switches of Dawn. Our kernels write workgroup memory before they read it and divide by nothing that may be 0, so what
 * guards against that only costs time: on a software adapter most of a kernel's compilation.
 */
const dawnSwitches = "enable-dawn-features=disable_workgroup_init,disable_polyfills_on_integer_div_and_mod";
/**
 * For precisions other than f32 only: matrix units are an experiment of Dawn's, and f16 on NVIDIA is off by default for
 * drivers before 615.71, which compute some programs wrong. Ours are compared with f32 before they are used.
 */
const precisionSwitches = `${dawnSwitches},allow_unsafe_apis,vulkan_enable_f16_on_nvidia`;
/** Features that kernels may use; those that an adapter lacks are done without. */
const wantedFeatures = ["shader-f16", "subgroups", "timestamp-query", matrixFeature] as const;
const raisedLimits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;
/** Below this, a volume of ordinary size would not fit into a buffer. */
const leastBufferBytes = 128 << 20;

/** Dawn's own objects by their options, kept: once one is collected as garbage, Dawn ends under its devices' feet. */
const instances = new Map<string, GPU>();
let open: GpuBackend | undefined;

/** Why there is nothing to hope for, if so: asking Dawn takes half a second, and its drivers talk on standard error. */
export function whyNoGpu(): string | undefined {
  const facts = graphicsFacts();
  const mayHaveGpu = facts.platform !== "linux" || (facts.hasGpu && facts.hasLoader);
  const lacks = `the npm package webgpu is not installed: ${howToAddDawn}`;
  if (mayHaveGpu) return hasDawn() ? undefined : lacks;
  return hasDawn() ? "no GPU seen" : `no GPU seen, and ${lacks}`;
}

/**
 * Opens a GPU by Dawn and makes it current. Its tensors can only be read asynchronously (`await tensor.data()`). A GPU
 * opened before is closed, with its tensors.
 *
 * @param memoryBytes  most bytes that all buffers may take; as many as the GPU has if absent
 */
export async function openWebgpu(options: WebgpuOptions = {}): Promise<Device> {
  const { allowSoftware = true, memoryBytes, largestBufferBytes, precision: wanted = "f32" } = options;
  const { create, Stock } = await loadDawn();
  const quiet = process.env.XDG_RUNTIME_DIR;
  // Without it the Vulkan loader complains on standard error.
  if (quiet === undefined) process.env.XDG_RUNTIME_DIR = tmpdir();
  let gpu: GPU;
  let adapter: GPUAdapter;
  let device: GPUDevice;
  try {
    const chosen = options.adapter === undefined ? undefined : await chooseAdapter(create, options.adapter);
    const switches = wanted === "f32" ? dawnSwitches : precisionSwitches;
    gpu = instanceOf(create, chosen === undefined ? [switches] : [switches, `adapter=${chosen}`]);
    const found = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (found === null) throw new DeviceUnavailable(`webgpu: expected a GPU, got ${whyNoAdapter(graphicsFacts())}`);
    adapter = found;
    if (!allowSoftware && isSoftware(adapter.info)) {
      throw new DeviceUnavailable(`webgpu: expected a GPU, got ${adapter.info.description}, which computes on the CPU`);
    }
    device = await requestDevice(adapter);
  } finally {
    if (quiet === undefined) delete process.env.XDG_RUNTIME_DIR;
  }
  const backend = withNavigator(gpu, () =>
    createBackend(Stock, device, adapter.info, { memoryBytes, largestBufferBytes }),
  );
  registerKernels();
  if (tf.findBackendFactory(backendName) != null) tf.removeBackend(backendName);
  tf.registerBackend(backendName, () => backend);
  tf.setBackend(backendName);
  open = backend;
  if (!isSoftware(adapter.info)) {
    const { maxComputeInvocationsPerWorkgroup: largestGroup, maxComputeWorkgroupStorageSize: largestGroupBytes } =
      device.limits;
    await tuneTiles(backend, words(adapter.info).join(" "), { largestGroup, largestGroupBytes });
  }
  const precision = await precisionOf(backend, wanted, adapter.info, device);
  return {
    name: backendName,
    description: `${describe(adapter.info, device)}; ${precision}`,
    threads: 1,
    precision,
    gpu: factsOf(adapter.info, device, backend.convolutions.tiles),
    finished: gpuFinished,
    resetPeak: resetPoolPeak,
    dispose() {
      if (open !== backend) return;
      open = undefined;
      tf.removeBackend(backendName);
    },
  };
}

/** Sets the arithmetic of convolutions; a device that cannot do what is wanted is closed again. */
async function precisionOf(
  backend: GpuBackend,
  wanted: Precision | "auto",
  info: GPUAdapterInfo,
  { features }: GPUDevice,
): Promise<Precision> {
  try {
    return await choosePrecision(backend, {
      wanted,
      hasF16: features.has("shader-f16"),
      unit: features.has(matrixFeature) && features.has("subgroups") ? matrixUnitOf(info) : undefined,
      adapter: words(info).join(" "),
      isSoftware: isSoftware(info),
    });
  } catch (error) {
    open = undefined;
    tf.removeBackend(backendName);
    throw error;
  }
}

/** What the GPU's buffers hold. Without an open GPU, nothing. */
export function poolStatistics(): PoolStatistics {
  return open?.statistics() ?? { heapBytes: 0, peakHeapBytes: 0, heapCapacityBytes: 0, heapLimitBytes: 0 };
}

/**
 * Waits until the GPU has done all that was asked of it, to measure times; throws what went wrong there. Without an
 * open GPU, at once.
 */
export async function gpuFinished(): Promise<void> {
  await open?.finish();
}

/** Starts measuring `poolStatistics().peakHeapBytes` anew. */
export function resetPoolPeak(): void {
  open?.resetPeak();
}

function instanceOf(create: Create, options: string[]): GPU {
  const key = options.join();
  const gpu = instances.get(key) ?? create(options);
  instances.set(key, gpu);
  return gpu;
}

/** The adapters that Dawn knows, in its order. It tells them only in the complaint about a name that none has. */
async function adapterNames(create: Create): Promise<string[]> {
  try {
    await create(["adapter=none has this name"]).requestAdapter();
    return [];
  } catch (error) {
    const names = (error as Error).message.matchAll(/backend: '(?:vulkan|d3d12|metal)', name: '([^']*)'/g);
    return [...names].map(([, name]) => name!);
  }
}

/** The name of an adapter by its number. */
async function chooseAdapter(create: Create, number: number): Promise<string> {
  const names = await adapterNames(create);
  const name = names[number];
  if (name === undefined) {
    const known = names.map((known, i) => `${i} (${known})`).join(", ");
    throw new DeviceUnavailable(`webgpu: adapter: expected one of ${known || "none"}, got ${number}`);
  }
  if (names.indexOf(name) !== number) {
    throw new DeviceUnavailable(
      `webgpu: adapter: expected a name of its own, got ${number} (${name}), which is also that of ${names.indexOf(name)}: ` +
        "Dawn cannot tell them apart; let the process see one GPU only",
    );
  }
  return name;
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(JSON.stringify(words(info)));
}

function words({ vendor, architecture, device, description }: GPUAdapterInfo): string[] {
  return [vendor, architecture, device, description];
}

async function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits: Record<string, number> = {};
  for (const name of raisedLimits) requiredLimits[name] = adapter.limits[name];
  const requiredFeatures = wantedFeatures.filter((name) => adapter.features.has(name));
  const bytes = Math.min(adapter.limits.maxBufferSize, adapter.limits.maxStorageBufferBindingSize);
  if (bytes < leastBufferBytes) {
    throw new DeviceUnavailable(
      `webgpu: expected buffers of ${leastBufferBytes >> 20} MiB or more, got ${bytes >> 20} MiB from ${adapter.info.description}`,
    );
  }
  try {
    return await adapter.requestDevice({ requiredLimits, requiredFeatures: requiredFeatures as GPUFeatureName[] });
  } catch (error) {
    throw new DeviceUnavailable(
      `webgpu: expected ${adapter.info.description} to open, got ${(error as Error).message}`,
    );
  }
}

/** The stock backend refuses to be made where it sees no `navigator.gpu`; kept longer, that would keep Dawn alive. */
function withNavigator<Result>(gpu: GPU, make: () => Result): Result {
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { gpu, userAgent: "node" }, configurable: true });
  try {
    return make();
  } finally {
    if (before === undefined) delete (globalThis as { navigator?: unknown }).navigator;
    else Object.defineProperty(globalThis, "navigator", before);
  }
}

function factsOf(info: GPUAdapterInfo, device: GPUDevice, tiles: readonly number[]): GpuFacts {
  const { vendor, architecture, device: name, description } = info;
  return {
    isSoftware: isSoftware(info),
    ...{ vendor, architecture, name, description },
    features: [...device.features].sort(),
    limits: Object.fromEntries(raisedLimits.map((limit) => [limit, device.limits[limit]])),
    tiles,
  };
}

function describe(info: GPUAdapterInfo, device: GPUDevice): string {
  const name = [info.device || info.architecture || info.vendor, info.description].filter((word) => word !== "");
  const largest = Math.min(device.limits.maxBufferSize, device.limits.maxStorageBufferBindingSize) / 1048576;
  const features = wantedFeatures.filter((feature) => device.features.has(feature));
  const software = isSoftware(info) ? "software adapter, for tests only" : "GPU";
  return `webgpu: ${name.join(", ")} (${software}), buffers up to ${Math.floor(largest)} MiB, ${features.join(", ") || "no extra features"}`;
}
