import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { basename } from "node:path";
import { promisify } from "node:util";
import type { GraphicsFacts, NvidiaGpu } from "./doctorRows.ts";

const icdFolders = ["/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/usr/share/vulkan/icd.d"];
/** What libtensorflow 2.9.1 for GPUs loads at run time. */
const cudaLibraries = ["libcudart.so.11.0", "libcublas.so.11", "libcudnn.so.8"];
const patience = 10_000;

/** What a Linux machine has for GPUs: found by asking, without loading any of it. */
export async function graphicsFacts(env: Readonly<Record<string, string | undefined>>): Promise<GraphicsFacts> {
  const [gpus, libraries, vulkanDrivers] = await Promise.all([nvidiaGpus(), sharedLibraries(), driverFiles(env)]);
  return {
    gpus,
    vulkanLoader: libraries.includes("libvulkan.so.1"),
    vulkanDrivers,
    missingCudaLibraries: cudaLibraries.filter((library) => !libraries.includes(library)),
    driverCapabilities: env.NVIDIA_DRIVER_CAPABILITIES ?? null,
  };
}

/** Reads the table that `nvidia-smi --query-gpu=name,driver_version,compute_cap,memory.total` prints. */
export function parseNvidiaTable(text: string): NvidiaGpu[] {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.flatMap((line) => {
    const [name, driver, computeCapability, memory] = line.split(",").map((field) => field.trim());
    return memory === undefined
      ? []
      : [{ name: name!, driver: driver!, computeCapability: computeCapability!, memory: memory }];
  });
}

/** Reads the names in what `ldconfig -p` prints. */
export function parseLibraries(text: string): string[] {
  return text.split("\n").flatMap((line) => /^\s+(\S+) \(.*=>/.exec(line)?.[1] ?? []);
}

async function nvidiaGpus(): Promise<NvidiaGpu[]> {
  const query = "--query-gpu=name,driver_version,compute_cap,memory.total";
  return parseNvidiaTable(await outputOf("nvidia-smi", [query, "--format=csv,noheader"]));
}

async function sharedLibraries(): Promise<string[]> {
  return parseLibraries((await outputOf("ldconfig", ["-p"])) || (await outputOf("/sbin/ldconfig", ["-p"])));
}

async function driverFiles(env: Readonly<Record<string, string | undefined>>): Promise<string[]> {
  const named = env.VK_DRIVER_FILES ?? env.VK_ICD_FILENAMES;
  if (named !== undefined && named !== "") return named.split(":").map((path) => basename(path));
  const folders = await Promise.all(icdFolders.map((folder) => readdir(folder).catch(() => [])));
  return [...new Set(folders.flat())].filter((name) => name.endsWith(".json")).sort();
}

/** What a program prints; nothing if it cannot be run. */
async function outputOf(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await promisify(execFile)(program, args, { timeout: patience })).stdout;
  } catch {
    return "";
  }
}
