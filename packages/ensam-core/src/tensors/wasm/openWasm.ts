import { availableParallelism } from "node:os";
import { type Device, type DeviceOptions, DeviceUnavailable } from "../devices/device.ts";
import { tf } from "../tf.ts";
import { backendName, createBackend, type Engine, type WasmBackend } from "./backend.ts";
import type { ConvolutionChoice } from "./convolutionChoice.ts";
import { createHeap, type HeapStatistics } from "./heap.ts";
import { createRunner, words } from "./jobs.ts";
import { registerKernels } from "./kernels.ts";
import { loadKernels } from "./loadKernels.ts";
import { startThreads } from "./threads.ts";

export type { HeapStatistics } from "./heap.ts";

export interface WasmOptions extends Omit<DeviceOptions, "convolution"> {
  /** Which build of the kernels to take; the best the runtime can have if absent. */
  readonly build?: "plain" | "relaxed";
  /** As of `DeviceOptions`; `winograd` takes it for every shape that it can compute. */
  readonly convolution?: ConvolutionChoice;
}

const pageBytes = 65536;
const mostPages = 65535;
let open: WasmBackend | undefined;

/**
 * Opens the embedded engine and makes it current: kernels in WebAssembly SIMD on worker threads, tensors in one shared
 * memory. An engine opened before is closed, with its tensors.
 *
 * @param threads      threads to compute with, this one included; `ENSAM_THREADS` or all cores if absent
 * @param memoryBytes  most bytes the memory may take, at most 4 GiB
 */
export async function openWasm(options: WasmOptions = {}): Promise<Device> {
  const threads = threadCount(options.threads);
  const maximum = Math.min(mostPages, Math.floor((options.memoryBytes ?? Number.POSITIVE_INFINITY) / pageBytes));
  let loaded: Awaited<ReturnType<typeof loadKernels>>;
  try {
    loaded = await loadKernels(options.build);
  } catch (error) {
    throw new DeviceUnavailable(
      `wasm: expected built kernels (make setup builds them), got ${(error as Error).message}`,
    );
  }
  const engine = await createEngine(loaded.module, { threads, maximum, convolution: options.convolution ?? "auto" });
  registerKernels();
  const backend = createBackend(engine);
  if (tf.findBackendFactory(backendName) != null) tf.removeBackend(backendName);
  tf.registerBackend(backendName, () => backend);
  tf.setBackend(backendName);
  open = backend;
  const simd = loaded.relaxed ? "relaxed SIMD" : "SIMD";
  return {
    name: "wasm",
    description: `wasm: embedded engine, ${simd}, ${threads} ${threads === 1 ? "thread" : "threads"}`,
    threads,
    resetPeak: resetHeapPeak,
    dispose() {
      if (open !== backend) return;
      open = undefined;
      tf.removeBackend(backendName);
    },
  };
}

/** What the engine's memory holds. Without an open engine, nothing. */
export function heapStatistics(): HeapStatistics {
  return open?.statistics() ?? { heapBytes: 0, peakHeapBytes: 0, heapCapacityBytes: 0, heapLimitBytes: 0 };
}

/** Starts measuring `heapStatistics().peakHeapBytes` anew. */
export function resetHeapPeak(): void {
  open?.engine.heap.resetPeak();
}

function threadCount(wanted: number | undefined): number {
  const count = wanted ?? Number(process.env.ENSAM_THREADS || availableParallelism());
  if (!Number.isInteger(count) || count < 1) {
    throw new DeviceUnavailable(
      `wasm: threads: expected a positive number, got ${wanted ?? process.env.ENSAM_THREADS}`,
    );
  }
  return count;
}

async function createEngine(
  module: WebAssembly.Module,
  { threads, maximum, convolution }: { threads: number; maximum: number; convolution: ConvolutionChoice },
): Promise<Engine> {
  if (maximum < 2)
    throw new DeviceUnavailable(`wasm: memory: expected at least ${2 * pageBytes} bytes, got ${maximum * pageBytes}`);
  const memory = new WebAssembly.Memory({ initial: Math.min(16, maximum), maximum, shared: true });
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  const base = (exports.heapBase as () => number)() >>> 0;
  const heap = createHeap(memory, base, maximum * pageBytes);
  const control = heap.allocate(words.count * 4);
  const kernelNames = WebAssembly.Module.exports(module)
    .filter(({ kind, name }) => kind === "function" && name !== "heapBase")
    .map(({ name }) => name);
  const runner = createRunner({
    memory,
    exports,
    kernelNames,
    control,
    threads,
    allocate: (bytes) => heap.allocate(bytes),
    free: (address) => heap.free(address),
  });
  const stopThreads = await startThreads(threads - 1, { module, memory, kernelNames, control });
  return {
    memory,
    heap,
    threads,
    convolution,
    run: runner.run,
    dispose() {
      runner.dispose();
      void stopThreads();
    },
  };
}
