#!/usr/bin/env node
// Times operators in the model's shapes and whole steps of the model: a table on stderr, NDJSON on stdout.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { type PresetName, presets } from "@ensam/core/model";
import { type DeviceName, openDevice } from "@ensam/core/tensors";
import { benchOperators } from "./benchOperators.ts";
import { benchSteps, type StepPart, type StepRow } from "./benchSteps.ts";
import { type BenchRow, line } from "./benchTable.ts";
import { findTorch, timeTorch } from "./benchTorch.ts";

const help = `bench: times the engine: operators in the model's shapes, whole steps, PyTorch beside it if python3 has it

  --device NAME     wasm, cpu, ...                        (wasm)
  --preset LIST     tiny,small,paper                      (all)
  --size LIST       edges of the volume, multiples of 8   (32,48,64,96)
  --threads LIST    threads to compute with               (1 and all cores)
  --repeat N        samples of each time                  (3; the median counts)
  --quick           tiny and paper at 32, fewer samples, no PyTorch
  --no-torch        without PyTorch
  --no-operators    whole steps only
`;

const { values: flags } = parseArgs({
  options: {
    device: { type: "string", default: "wasm" },
    preset: { type: "string" },
    size: { type: "string" },
    threads: { type: "string" },
    repeat: { type: "string" },
    quick: { type: "boolean", default: false },
    torch: { type: "boolean", default: true },
    operators: { type: "boolean", default: true },
    help: { type: "boolean", default: false },
  },
  allowNegative: true,
});

if (flags.help) process.stdout.write(help);
else await bench();

async function bench(): Promise<void> {
  const presetNames = (flags.preset ?? (flags.quick ? "tiny,paper" : "tiny,small,paper")).split(",") as PresetName[];
  for (const name of presetNames)
    if (!(name in presets)) throw new Error(`bench: --preset: expected ${Object.keys(presets)}, got ${name}`);
  const sizes = numbers("size", flags.size ?? (flags.quick ? "32" : "32,48,64,96"));
  const cores = availableParallelism();
  const threadCounts = numbers("threads", flags.threads ?? (cores > 1 ? `1,${cores}` : "1"));
  const [repeat] = numbers("repeat", flags.repeat ?? (flags.quick ? "1" : "3"));
  const python = flags.torch && !flags.quick ? await findTorch() : undefined;
  process.stderr.write(python === undefined ? "bench: without PyTorch\n" : `bench: with PyTorch of ${python}\n`);

  for (const threads of threadCounts) {
    const device = await openDevice(flags.device as DeviceName, { threads });
    process.stderr.write(`bench: ${device.description}\n`);
    for (const preset of presetNames) {
      if (flags.operators) {
        const size = sizes.includes(64) ? 64 : sizes.at(-1)!;
        for (const row of benchOperators({ device: device.name, threads, preset, size, repeat: repeat! + 2 }))
          print(row);
      }
      for (const size of sizes) {
        const steps: StepRow[] = [];
        const parts: StepPart[] = ["encoder", "interaction", "training step"];
        for await (const row of benchSteps({ device: device.name, threads, preset, size, repeat: repeat!, parts })) {
          print(row);
          if (row.type === "step") steps.push(row);
        }
        if (python !== undefined) await compare(python, steps, { preset, size, threads, repeat: repeat! });
      }
    }
    device.dispose();
  }
}

async function compare(
  python: string,
  steps: readonly StepRow[],
  { preset, size, threads, repeat }: { preset: PresetName; size: number; threads: number; repeat: number },
): Promise<void> {
  const { seconds, peakRssBytes } = await timeTorch(python, { preset, size, threads, repeat, train: true });
  for (const { part, seconds: ours } of steps) {
    const theirs = seconds[part];
    if (theirs !== undefined)
      print({ type: "torch", threads, preset, size, part, seconds: theirs, ratio: theirs / ours, peakRssBytes });
  }
}

function print(row: BenchRow): void {
  process.stdout.write(`${JSON.stringify(row)}\n`);
  const text = line(row);
  if (text !== undefined) process.stderr.write(`${text}\n`);
}

function numbers(flag: string, text: string): number[] {
  return text.split(",").map((word) => {
    const value = Number(word);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`bench: --${flag}: expected positive whole numbers, got ${word}`);
    return value;
  });
}
