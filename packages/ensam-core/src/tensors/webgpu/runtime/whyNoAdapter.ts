import { existsSync, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** What a machine has of what WebGPU needs. */
export interface GraphicsFacts {
  readonly platform: NodeJS.Platform;
  /** Whether the Vulkan loader was found. */
  readonly hasLoader: boolean;
  /** Descriptions of Vulkan drivers. */
  readonly drivers: readonly string[];
  /** Whether the kernel shows an NVIDIA GPU. */
  readonly hasNvidia: boolean;
  /** Whether the kernel shows any GPU. */
  readonly hasGpu: boolean;
  /** What the NVIDIA container runtime was told to bring in. */
  readonly containerCapabilities: string | undefined;
}

/** Why no adapter was found, and what to do: the second half of an error message. */
export function whyNoAdapter(facts: GraphicsFacts): string {
  if (facts.platform !== "linux") return "no adapter: update the graphics driver";
  if (!facts.hasLoader) return "no Vulkan loader (libvulkan.so.1): install libvulkan1 or vulkan-loader";
  const hasNvidiaDriver = facts.drivers.some((file) => /nvidia/i.test(file));
  if (facts.hasNvidia && !hasNvidiaDriver) {
    const capabilities =
      facts.containerCapabilities === undefined ? "" : ` (NVIDIA_DRIVER_CAPABILITIES=${facts.containerCapabilities})`;
    return (
      `an NVIDIA GPU without its Vulkan driver${capabilities}: in a container set NVIDIA_DRIVER_CAPABILITIES=` +
      "compute,utility,graphics; else install the full driver, not the one for computing only"
    );
  }
  if (facts.drivers.length === 0) return "no Vulkan driver: install the GPU's";
  const missing = facts.hasGpu ? "" : " and no GPU in /dev";
  return `Vulkan drivers that Dawn cannot use (${facts.drivers.join(", ")})${missing}: a newer driver may help`;
}

/** Looks around on this machine. */
export function graphicsFacts(env: NodeJS.ProcessEnv = process.env): GraphicsFacts {
  const devices = list("/dev");
  const hasNvidia = devices.some((name) => /^nvidia\d+$/.test(name)) || existsSync("/proc/driver/nvidia/version");
  const named = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  const folders = ["/etc", "/usr/share", "/usr/local/share", "/usr/local/etc"];
  const drivers =
    named === undefined
      ? folders.flatMap((folder) => list(`${folder}/vulkan/icd.d`).filter((name) => name.endsWith(".json")))
      : named.split(delimiter).filter((file) => existsSync(file));
  const libraries = ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/usr/local/lib", "/usr/local/lib64"];
  const multiarch = ["x86_64", "aarch64"].flatMap((cpu) => [`/usr/lib/${cpu}-linux-gnu`, `/lib/${cpu}-linux-gnu`]);
  const ofEnvironment = (env.LD_LIBRARY_PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return {
    platform: process.platform,
    hasLoader: [...ofEnvironment, ...libraries, ...multiarch].some((folder) =>
      existsSync(join(folder, "libvulkan.so.1")),
    ),
    drivers,
    hasNvidia,
    hasGpu: hasNvidia || devices.includes("dxg") || list("/dev/dri").some((name) => name.startsWith("renderD")),
    containerCapabilities: env.NVIDIA_DRIVER_CAPABILITIES,
  };
}

/** The names in a folder, none if it is not there or not ours to read. */
function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
