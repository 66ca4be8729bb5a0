#!/usr/bin/env node
// Times operators in the model's shapes and whole steps of the model: a table on stderr, NDJSON on stdout.
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { DeviceUnavailable, openDevice } from "@ensam/core/tensors";
import { benchOnGpu } from "./benchOnGpu.ts";
import { benchOnProcessor } from "./benchOnProcessor.ts";
import { openOutput } from "./benchOutput.ts";
import { parsePresets, parseSizes, planFor, variantsOf } from "./benchPlan.ts";
import type { TorchDevice } from "./benchTorch.ts";

const help = `bench: times the engine: operators in the model's shapes, whole steps, PyTorch beside it if python3 has it

  --device NAME          auto, wasm, cpu, webgpu, ...        (auto)
  --preset LIST          tiny,small,paper                    (all; on a GPU paper)
  --size LIST            of volumes: N or ZxYxX, multiples of 8
                         (32,48,64,96; on a GPU 1, 2 and 4.19 million voxels)
  --threads LIST         threads to compute with             (1 and all cores; not on a GPU)
  --repeat N             samples of each time                (3; the median counts)
  --quick                tiny and paper at 32, fewer samples, no PyTorch; on a GPU without the last tables
  --no-torch             without PyTorch
  --beside DIR           another built checkout of this repository, run with the same settings (not on a GPU)
  --torch-device NAME    where PyTorch runs beside a GPU     (cuda; or cpu)
  --no-operators         without the tables of operators
  --time-budget SECONDS  on a GPU: when to be done           (540)
  --json FILE            rows into a file instead of stdout

The table goes to stderr, rows (NDJSON) to stdout, each as soon as it is known.
`;

const { values: flags } = parseArgs({
  options: {
    device: { type: "string", default: "auto" },
    preset: { type: "string" },
    size: { type: "string" },
    threads: { type: "string" },
    repeat: { type: "string" },
    quick: { type: "boolean", default: false },
    torch: { type: "boolean", default: true },
    beside: { type: "string" },
    "torch-device": { type: "string" },
    operators: { type: "boolean", default: true },
    "time-budget": { type: "string", default: "540" },
    json: { type: "string" },
    help: { type: "boolean", default: false },
  },
  allowNegative: true,
});

if (flags.help) process.stdout.write(help);
else {
  try {
    await bench();
  } catch (error) {
    if (!(error instanceof DeviceUnavailable)) throw error;
    process.stderr.write(`bench: ${error.message}\n`);
    process.exitCode = 1;
  }
}

async function bench(): Promise<void> {
  const presets = flags.preset === undefined ? undefined : parsePresets(flags.preset);
  const sizes = flags.size === undefined ? undefined : parseSizes(flags.size);
  const cores = availableParallelism();
  const threads = numbers("threads", flags.threads ?? (cores > 1 ? `1,${cores}` : "1"));
  const [repeat] = numbers("repeat", flags.repeat ?? (flags.quick ? "1" : "3"));
  const [timeBudgetSeconds] = numbers("time-budget", flags["time-budget"]);
  const torchDevice = torchDeviceOf(flags["torch-device"]);
  const output = openOutput(flags.json);

  const found = await openDevice(flags.device);
  const { gpu } = found;
  // What `auto` has found; `webgpu:1` keeps its number.
  const device = flags.device === "auto" ? found.name : flags.device;
  found.dispose();
  const variants = variantsOf(gpu !== undefined, threads);
  const common = { device, variants, repeat: repeat!, output };
  const withTorch = flags.torch && !flags.quick;
  if (gpu === undefined) {
    await benchOnProcessor({
      ...common,
      presets: presets ?? parsePresets(flags.quick ? "tiny,paper" : "tiny,small,paper"),
      sizes: sizes ?? parseSizes(flags.quick ? "32" : "32,48,64,96"),
      withTorch,
      beside: flags.beside,
      withOperators: flags.operators,
    });
    return;
  }
  await benchOnGpu({
    ...common,
    plan: planFor(gpu, { presets, sizes }),
    torch: withTorch ? (torchDevice ?? "cuda") : undefined,
    withDetails: flags.operators && !flags.quick,
    timeBudgetSeconds: timeBudgetSeconds!,
  });
}

function torchDeviceOf(name: string | undefined): TorchDevice | undefined {
  if (name === undefined || name === "cpu" || name === "cuda") return name;
  throw new Error(`bench: --torch-device: expected cpu or cuda, got ${name}`);
}

function numbers(flag: string, text: string): number[] {
  return text.split(",").map((word) => {
    const value = Number(word);
    if (!Number.isInteger(value) || value < 1)
      throw new Error(`bench: --${flag}: expected positive whole numbers, got ${word}`);
    return value;
  });
}
