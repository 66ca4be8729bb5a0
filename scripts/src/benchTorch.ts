import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { sameZyx } from "@ensam/core/voxels";
import { type Convolution, convolutionWords, flopsOf } from "./benchConvolution.ts";
import type { OmittedRow, OperatorRow, StepPart, StepRow, TorchInfoRow, TorchRow } from "./benchRows.ts";

const script = fileURLToPath(new URL("../bench-torch.py", import.meta.url));

/**
 * Tells glibc's allocator to keep memory. As shipped it gives every large tensor back to the system and faults it in
 * again, which makes PyTorch's training steps on a processor up to a third slower: an unfair opponent for an engine
 * that reuses its own.
 */
const keepingMemory = { MALLOC_MMAP_THRESHOLD_: "4294967296", MALLOC_TRIM_THRESHOLD_: "8589934592" };

export type TorchDevice = "cpu" | "cuda";

export interface TorchJob {
  readonly device: TorchDevice;
  readonly preset: string;
  readonly steps: readonly StepRow["shape"][];
  readonly parts: readonly StepPart[];
  readonly convolutions: readonly Convolution[];
  readonly threads?: number;
  readonly repeat: number;
  /** After which PyTorch is stopped. */
  readonly seconds: number;
}

/** A line of bench-torch.py. */
export type TorchLine =
  | TorchInfoRow
  | (TorchTime & { type: "step"; part: StepPart; preset: string; shape: StepRow["shape"] })
  | (TorchTime & {
      type: "convolution";
      pass: OperatorRow["pass"];
      inputs: number;
      outputs: number;
      grid: StepRow["shape"];
    })
  | OmittedRow;

interface TorchTime {
  mode: string;
  layout: string;
  seconds: number;
  fastest: number;
  slowest: number;
  peakBytes?: number;
}

/** A Python whose PyTorch computes on the device, or undefined. */
export async function findTorch(device: TorchDevice): Promise<string | undefined> {
  const test = device === "cuda" ? "import torch; assert torch.cuda.is_available()" : "import torch";
  for (const python of ["python3", "/usr/bin/python3"]) {
    try {
      await promisify(execFile)(python, ["-c", test]);
      return python;
    } catch {
      // Not this one.
    }
  }
  return undefined;
}

/** What the same takes in PyTorch, beside our times of it, as soon as each is known. */
export async function* timeTorch(
  python: string,
  job: TorchJob,
  ours: readonly (OperatorRow | StepRow)[],
): AsyncGenerator<TorchRow | TorchInfoRow | OmittedRow> {
  for await (const line of linesOf(python, job)) {
    if (line.type === "torch" || line.type === "omitted") yield line;
    else yield besideOurs(line, ours);
  }
}

/** A figure of PyTorch with its ratio to each of our variants. */
export function besideOurs(
  theirs: Exclude<TorchLine, TorchInfoRow | OmittedRow>,
  ours: readonly (OperatorRow | StepRow)[],
): TorchRow {
  const { mode, layout, seconds, fastest, slowest, peakBytes } = theirs;
  const times = { mode, layout, seconds, fastest, slowest, ...(peakBytes === undefined ? {} : { peakBytes }) };
  const ratios = (same: (row: OperatorRow | StepRow) => boolean) =>
    Object.fromEntries(ours.filter(same).map((row) => [row.variant, seconds / row.seconds]));
  if (theirs.type === "step") {
    const { part, preset, shape } = theirs;
    const isSame = (row: OperatorRow | StepRow) =>
      row.type === "step" && row.part === part && row.preset === preset && sameZyx(row.shape, shape);
    return { type: "torch step", what: `${preset} ${part}`, shape, ...times, ratios: ratios(isSame) };
  }
  const { pass, inputs, outputs, grid } = theirs;
  const convolution: Convolution = { inputs, outputs, grid, kernel: 3, stride: 1 };
  const operator = convolutionWords(convolution);
  const isSame = (row: OperatorRow | StepRow) =>
    row.type === "operator" && row.operator === operator && row.pass === pass && sameZyx(row.grid, grid);
  return {
    ...{ type: "torch operator", what: `${operator} ${pass}`, shape: grid, ...times },
    ...{ gflops: flopsOf(convolution) / seconds / 1e9, ratios: ratios(isSame) },
  };
}

async function* linesOf(python: string, job: TorchJob): AsyncGenerator<TorchLine> {
  const options = [
    ...["--device", job.device, "--preset", job.preset, "--repeat", String(job.repeat)],
    ...["--steps", ...job.steps.map((shape) => shape.join("x"))],
    ...["--parts", ...job.parts.map((part) => part.replace(" ", "-"))],
    ...[
      "--convolutions",
      ...job.convolutions.map(({ inputs, outputs, grid }) => `${inputs}-${outputs}@${grid.join("x")}`),
    ],
    ...(job.threads === undefined ? [] : ["--threads", String(job.threads)]),
  ];
  const env = { ...process.env, ...keepingMemory };
  const child = spawn(python, ["-B", script, ...options], { stdio: ["ignore", "pipe", "pipe"], env });
  let complaint = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaint = `${complaint}${chunk}`.slice(-2000);
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  let isCut = false;
  const cut = () => {
    isCut = true;
    child.kill("SIGKILL");
  };
  const timer = Number.isFinite(job.seconds) ? setTimeout(cut, job.seconds * 1000) : undefined;
  try {
    for await (const line of createInterface(child.stdout)) yield JSON.parse(line) as TorchLine;
    const code = await ended;
    if (code === 0) return;
    const reason = isCut ? "time budget" : complaint.trim().split("\n").at(-1) || `exit code ${code}`;
    yield { type: "omitted", what: "the rest of PyTorch", reason };
  } finally {
    clearTimeout(timer);
    child.kill("SIGKILL");
  }
}
