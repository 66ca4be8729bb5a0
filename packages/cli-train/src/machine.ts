import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { tf } from "@ensam/core/tensors";

/** This package's version. */
export function trainVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  return version;
}

/** Versions of what computes. */
export function versions(): Record<string, string> {
  return { ensam: trainVersion(), node: process.versions.node, tfjs: tf.version_core };
}

/** The machine a run is on. */
export function machine(): Record<string, string | number> {
  return {
    system: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model ?? "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  };
}
