import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { StepPart } from "./benchSteps.ts";

const run = promisify(execFile);
const script = fileURLToPath(new URL("../bench-torch.py", import.meta.url));

export interface TorchTimes {
  torch: string;
  peakRssBytes: number;
  seconds: Partial<Record<StepPart, number>>;
}

/** A Python that has PyTorch, or undefined. */
export async function findTorch(): Promise<string | undefined> {
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      await run(python, ["-c", "import torch"]);
      return python;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** What the same network takes in PyTorch. */
export async function timeTorch(
  python: string,
  {
    preset,
    size,
    threads,
    repeat,
    train,
  }: { preset: string; size: number; threads: number; repeat: number; train: boolean },
): Promise<TorchTimes> {
  const options = ["--threads", String(threads), "--repeat", String(repeat), ...(train ? ["--train"] : [])];
  const { stdout } = await run(python, ["-B", script, String(size), preset, ...options]);
  const result = JSON.parse(stdout) as Record<StepPart, { median: number } | undefined> & {
    torch: string;
    peakRssBytes: number;
  };
  const seconds: TorchTimes["seconds"] = {};
  for (const part of ["encoder", "interaction", "training step"] as const) {
    if (result[part] !== undefined) seconds[part] = result[part].median;
  }
  return { torch: result.torch, peakRssBytes: result.peakRssBytes, seconds };
}
