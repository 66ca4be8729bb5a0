import { availableParallelism } from "node:os";
import util from "node:util";
import { tf } from "../tf.ts";
import { type Device, type DeviceOptions, DeviceUnavailable } from "./device.ts";

/** Imports a package by its name; `import()` itself, unless a test brings packages of its own. */
export type PackageImporter = (name: string) => Promise<unknown>;

export interface TensorflowOptions extends DeviceOptions {
  /** Refuses to run on the processor. */
  readonly onlyGpu?: boolean;
}

/** The part of the packages' exports that is used. */
interface TensorflowPackage {
  readonly engine: () => unknown;
  readonly version_core: string;
  readonly version?: Readonly<Record<string, string | undefined>>;
}

const backendName = "tensorflow";
/** In the order of preference. */
const gpuPackage = "@tensorflow/tfjs-node-gpu";
const packageNames = [gpuPackage, "@tensorflow/tfjs-node"];

/** Which GPUs the packages can serve, and what they need; for messages. */
const tensorflowNeeds =
  "the GPU package needs Linux or Windows with CUDA 11.2 and cuDNN 8.1 and serves NVIDIA GPUs of compute capability 3.5 " +
  "to 8.x (up to A100, RTX 30xx and 40xx); H100 (9.0) and RTX 50xx (12.0) are newer than it: use webgpu there";

/**
 * Opens TensorFlow's C library through `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`, whichever is installed,
 * and makes it current. ENSAM's operators run in their composed form. The library stays loaded until the process ends.
 *
 * @param threads        threads of the processor, where TensorFlow runs on one; only the first opening can set them
 */
export async function openTensorflow(
  { threads, onlyGpu = false }: TensorflowOptions = {},
  importPackage: PackageImporter = (name) => import(name),
): Promise<Device> {
  restoreRemovedUtilities();
  // Otherwise TensorFlow takes all of the GPU's memory at once.
  process.env.TF_FORCE_GPU_ALLOW_GROWTH ??= "true";
  if (threads !== undefined) process.env.TF_NUM_INTRAOP_THREADS = String(threads);
  const before = tf.getBackend();
  const { name, exports, failures } = await importFirst(onlyGpu ? [gpuPackage] : packageNames, importPackage);
  try {
    await checkPackage(name, exports, onlyGpu);
  } catch (error) {
    if (before !== "" && tf.findBackend(before) != null) await tf.setBackend(before);
    throw error;
  }
  const version = exports.version?.["tfjs-node"] ?? exports.version_core;
  const opened = { name: "tensorflow", dispose: () => {} };
  if (usesGpu()) return { ...opened, description: `tensorflow: ${name} ${version} on the GPU`, threads: 1 };
  const count = threads ?? availableParallelism();
  const reasons = failures.length === 0 ? "" : ` (${failures.join("; ")})`;
  return {
    ...opened,
    description: `tensorflow: ${name} ${version} on the processor, ${count} ${count === 1 ? "thread" : "threads"}${reasons}`,
    threads: count,
  };
}

/** Whether the current backend found a GPU that it can use. */
function usesGpu(): boolean {
  return (tf.backend() as { isUsingGpuDevice?: boolean }).isUsingGpuDevice === true;
}

/** The packages were written for Node up to 22: Node 23 took these two functions away. */
function restoreRemovedUtilities(): void {
  const functions = util as unknown as Record<string, unknown>;
  functions.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  functions.isArray ??= Array.isArray;
}

interface Imported {
  readonly name: string;
  readonly exports: TensorflowPackage;
  /** Why the packages before it were not taken. */
  readonly failures: readonly string[];
}

async function importFirst(names: readonly string[], importPackage: PackageImporter): Promise<Imported> {
  const failures: string[] = [];
  for (const name of names) {
    try {
      const imported = (await importPackage(name)) as TensorflowPackage & { default?: TensorflowPackage };
      // CommonJS: all exports are on the default one, not all are named.
      return { name, exports: imported.default ?? imported, failures };
    } catch (error) {
      failures.push(isNotInstalled(error, name) ? `${name} is not installed` : `${name}: ${firstLine(error)}`);
    }
  }
  const areMissing = failures.every((failure) => failure.endsWith("is not installed"));
  throw new DeviceUnavailable(
    `device: expected ${names.join(" or ")} for tensorflow, got ${areMissing ? "none installed" : failures.join("; ")}. ` +
      `"make setup-tensorflow" installs them and downloads libtensorflow 2.9.1; ${tensorflowNeeds}`,
  );
}

/** Refuses a package that would compute beside ENSAM's tensors instead of with them, or without gradients. */
async function checkPackage(name: string, exports: TensorflowPackage, onlyGpu: boolean): Promise<void> {
  const { engine, version_core: version } = exports;
  if (version !== tf.version_core) {
    throw new DeviceUnavailable(`device: expected ${name} with tfjs-core ${tf.version_core}, got ${version}`);
  }
  if (typeof engine !== "function" || engine() !== tf.engine()) {
    throw new DeviceUnavailable(`device: expected ${name} to share ENSAM's copy of tfjs-core, got one of its own`);
  }
  if (tf.getGradient("Conv3D") == null) {
    throw new DeviceUnavailable(`device: expected ${name} to leave the gradient of Conv3D registered, got none`);
  }
  if (tf.findBackendFactory(backendName) == null || !(await tf.setBackend(backendName))) {
    throw new DeviceUnavailable(`device: expected ${name} to bring the backend "${backendName}", got none that starts`);
  }
  if (onlyGpu && !usesGpu()) {
    throw new DeviceUnavailable(`device: expected ${name} to find a GPU, got none; ${tensorflowNeeds}`);
  }
}

function isNotInstalled(error: unknown, name: string): boolean {
  const { code, message = "" } = error as NodeJS.ErrnoException;
  return (code === "ERR_MODULE_NOT_FOUND" || code === "MODULE_NOT_FOUND") && message.includes(`'${name}'`);
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text
    .trim()
    .split("\n")[0]!
    .replace(/[\s.]+$/, "");
}
