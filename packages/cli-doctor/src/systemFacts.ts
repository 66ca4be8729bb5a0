import { statfs } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, availableParallelism, cpus, freemem, platform, release, tmpdir, totalmem } from "node:os";
import type { SystemRow } from "./doctorRows.ts";
import { graphicsFacts } from "./graphicsFacts.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What this machine is. */
export async function systemFacts(cwd: string, env: Environment): Promise<SystemRow> {
  const folders = [...new Set([cwd, tmpdir()])];
  return {
    type: "doctor",
    about: "system",
    ensam: (createRequire(import.meta.url)("../package.json") as { version: string }).version,
    node: process.versions.node,
    platform: `${platform()} ${arch()} ${release()}`,
    glibc: glibcVersion(),
    processor: cpus()[0]?.model.trim() || "unknown",
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    memoryLimitBytes: memoryLimit(),
    disks: (await Promise.all(folders.map(freeSpace))).filter((disk) => disk !== undefined),
    graphics: platform() === "linux" ? await graphicsFacts(env) : null,
  };
}

/** The limit of the control group, if there is one below the machine's memory. */
function memoryLimit(): number | null {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : null;
}

function glibcVersion(): string | null {
  const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime ?? null;
}

async function freeSpace(folder: string): Promise<{ folder: string; freeBytes: number } | undefined> {
  try {
    const { bavail, bsize } = await statfs(folder);
    return { folder, freeBytes: bavail * bsize };
  } catch {
    return undefined;
  }
}
