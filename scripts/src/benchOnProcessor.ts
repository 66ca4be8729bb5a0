import { cpus } from "node:os";
import type { PresetName } from "@ensam/core/model";
import { openDevice } from "@ensam/core/tensors";
import type { Zyx } from "@ensam/core/voxels";
import { timeBeside } from "./benchBeside.ts";
import { benchOperators } from "./benchOperators.ts";
import type { Output } from "./benchOutput.ts";
import type { Variant } from "./benchPlan.ts";
import type { StepPart, StepRow } from "./benchRows.ts";
import { benchSteps } from "./benchSteps.ts";
import { timingOn } from "./benchTiming.ts";
import { findTorch, timeTorch } from "./benchTorch.ts";

export interface ProcessorBench {
  readonly device: string;
  readonly variants: readonly Variant[];
  readonly presets: readonly PresetName[];
  readonly sizes: readonly Zyx[];
  readonly repeat: number;
  readonly output: Output;
  readonly withTorch: boolean;
  /** Another build of ours to measure beside this one. */
  readonly beside?: string | undefined;
  readonly withOperators: boolean;
}

const parts: readonly StepPart[] = ["encoder", "interaction", "training step"];
/** The usual size of the tables of operators. */
const operatorSize = 64;

/** Measures operators and whole steps with each number of threads, and another build and PyTorch with the same. */
export async function benchOnProcessor(bench: ProcessorBench): Promise<void> {
  const { output, repeat, sizes } = bench;
  const python = bench.withTorch ? await findTorch("cpu") : undefined;
  output.note(python === undefined ? "bench: without PyTorch" : `bench: with PyTorch of ${python}`);
  for (const { label, options } of bench.variants) {
    const device = await openDevice(bench.device, options);
    const head = { device: device.name, variant: label };
    output.row({ type: "device", ...head, description: device.description, processor: processorName() });
    for (const preset of bench.presets) {
      if (bench.withOperators) {
        const shape = sizes.find((size) => size.every((n) => n === operatorSize)) ?? sizes.at(-1)!;
        const timing = timingOn(device, repeat + 2);
        for await (const row of benchOperators(head, { preset, shape }, timing)) output.row(row);
      }
      for (const shape of sizes) {
        const ours: StepRow[] = [];
        for await (const row of benchSteps(head, device, { preset, shape, parts }, timingOn(device, repeat))) {
          output.row(row);
          if (row.type === "step") ours.push(row);
        }
        if (bench.beside !== undefined) {
          const job = { folder: bench.beside, device: device.name, preset, shape, threads: device.threads, repeat };
          for await (const row of timeBeside(job, ours)) output.row(row);
        }
        if (python === undefined) continue;
        const job = {
          ...{ device: "cpu" as const, preset, steps: [shape], parts, convolutions: [], repeat },
          ...{ threads: device.threads, seconds: Number.POSITIVE_INFINITY },
        };
        for await (const row of timeTorch(python, job, ours)) if (row.type !== "torch") output.row(row);
      }
    }
    device.dispose();
  }
}

/** The processor and how many cores of it there are, as the operating system tells. */
function processorName(): string {
  const found = cpus();
  return `${found[0]?.model.trim() || "processor without a name"}, ${found.length} ${found.length === 1 ? "core" : "cores"}`;
}
