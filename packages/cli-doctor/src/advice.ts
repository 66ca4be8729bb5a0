import type { DeviceRow, SystemRow } from "./doctorRows.ts";
import type { TestedDevice } from "./options.ts";

/** The newest compute capability that the GPU build of libtensorflow 2.9.1 serves, exclusive. */
const firstUnservedCapability = 9;
/** What the binaries of the `webgpu` package were linked against. */
const neededGlibc = "2.34";

/** Says what is missing for a device on this machine and how to get it; nothing for one that is fine. */
export function adviceOn(
  device: TestedDevice,
  { available, selfTest }: Pick<DeviceRow, "available" | "selfTest">,
  system: SystemRow,
): string[] {
  if (available && selfTest?.passed !== true) {
    return ["do not train or segment with this device: its results cannot be trusted. Please report this page"];
  }
  if (available) return [];
  if (device === "webgpu") return webgpuAdvice(system);
  if (device === "tensorflow") return tensorflowAdvice(system);
  return ['the embedded devices need Node 20.19 or newer and the built kernels: run "make setup"'];
}

function webgpuAdvice({ platform, glibc }: SystemRow): string[] {
  const advice: string[] = [];
  if (platform.startsWith("linux") && glibc === null) {
    advice.push("the webgpu package needs glibc 2.34 or newer; this system has another C library");
  } else if (glibc !== null && isOlder(glibc, neededGlibc)) {
    advice.push(`the webgpu package needs glibc 2.34 or newer (Debian 12, Ubuntu 22.04); this is ${glibc}`);
  }
  // What its loader and drivers lack, the device's own reason says.
  advice.push("webgpu needs a GPU with a driver for Vulkan, Metal or Direct3D 12 (in a container: for graphics too)");
  return advice;
}

function tensorflowAdvice({ graphics }: SystemRow): string[] {
  const advice = [
    '"make setup-tensorflow" installs it; the download of libtensorflow needs storage.googleapis.com or a mirror in TFJS_NODE_CDN_STORAGE',
  ];
  const { gpus = [], missingCudaLibraries = [] } = graphics ?? {};
  for (const { name, computeCapability } of gpus) {
    if (Number(computeCapability) >= firstUnservedCapability) {
      advice.push(`${name} (compute capability ${computeCapability}) is newer than it can serve: use webgpu`);
    }
  }
  const isServed = gpus.some(({ computeCapability }) => Number(computeCapability) < firstUnservedCapability);
  if (isServed && missingCudaLibraries.length > 0) {
    advice.push(`for the GPU it needs CUDA 11.2 and cuDNN 8.1; missing: ${missingCudaLibraries.join(", ")}`);
  }
  return advice;
}

/** Whether a version such as 2.9 comes before another. */
function isOlder(version: string, needed: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [neededMajor = 0, neededMinor = 0] = needed.split(".").map(Number);
  return major < neededMajor || (major === neededMajor && minor < neededMinor);
}
