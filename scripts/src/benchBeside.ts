import { spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { sameZyx } from "@ensam/core/voxels";
import type { BesideRow, OmittedRow, StepRow } from "./benchRows.ts";

export interface BesideJob {
  /** The root of another checkout of this repository, built. */
  readonly folder: string;
  readonly device: string;
  readonly preset: string;
  readonly shape: StepRow["shape"];
  readonly threads: number;
  readonly repeat: number;
}

/** What the same steps take in another build of ours, run as it is with the same settings, beside the times here. */
export async function* timeBeside(job: BesideJob, ours: readonly StepRow[]): AsyncGenerator<BesideRow | OmittedRow> {
  const script = join(resolve(job.folder), "scripts/dist/bench.js");
  const flags = [
    ...["--device", job.device, "--preset", job.preset, "--size", job.shape.join("x")],
    ...["--threads", String(job.threads), "--repeat", String(job.repeat), "--no-torch", "--no-operators"],
  ];
  const child = spawn(process.execPath, [script, ...flags], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = new Promise<number | null>((done, fail) => {
    child.once("error", fail);
    child.once("close", done);
  });
  for await (const line of createInterface(child.stdout)) {
    const row = JSON.parse(line) as StepRow;
    if (row.type === "step") yield besideOurs(job.folder, row, ours);
  }
  const code = await ended;
  if (code !== 0)
    yield { type: "omitted", what: `the rest of ${job.folder}`, reason: `${script} ended with exit code ${code}` };
}

/** A step of the other build with its ratios, of time and of peak memory, to the same step here. */
export function besideOurs(folder: string, theirs: StepRow, ours: readonly StepRow[]): BesideRow {
  const { device, variant, preset, shape, part, seconds, fastest, slowest, peakHeapBytes } = theirs;
  const same = ours.find((row) => row.part === part && row.preset === preset && sameZyx(row.shape, shape));
  return {
    ...{ type: "beside", of: folder, device, variant, preset, shape, part, seconds, fastest, slowest, peakHeapBytes },
    ...(same && { ratio: seconds / same.seconds }),
    ...(same && peakHeapBytes > 0 && { memoryRatio: same.peakHeapBytes / peakHeapBytes }),
  };
}
