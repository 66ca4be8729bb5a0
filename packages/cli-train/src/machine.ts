import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, platform, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
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

/** The commit of the checkout that this program runs from, if it runs from one. */
export function commit(): string | undefined {
  try {
    const cwd = fileURLToPath(new URL(".", import.meta.url));
    const tracked = execFileSync("git", ["ls-files", "--error-unmatch", "../package.json"], { cwd, stdio: "pipe" });
    if (tracked.length === 0) return undefined;
    return execFileSync("git", ["rev-parse", "HEAD"], { cwd, stdio: "pipe" }).toString().trim();
  } catch {
    return undefined; // No git, or not a checkout of ours: an installed package.
  }
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
