import { DeviceUnavailable, hasKernel, openDevice } from "@ensam/core/tensors";
import { sameZyx } from "@ensam/core/voxels";
import { attempt } from "./attempt.ts";
import { benchBandwidth } from "./benchBandwidth.ts";
import { convolutionWords, timeConvolution } from "./benchConvolution.ts";
import { benchOperators } from "./benchOperators.ts";
import type { Output } from "./benchOutput.ts";
import { type GpuPlan, stepWords, type Variant } from "./benchPlan.ts";
import { protocolRow } from "./benchProtocol.ts";
import type { BenchRow, OperatorRow, StepRow } from "./benchRows.ts";
import { benchSteps } from "./benchSteps.ts";
import { secondsNow, timingOn } from "./benchTiming.ts";
import { findTorch, type TorchDevice, timeTorch } from "./benchTorch.ts";

export interface GpuBench {
  /** As the user names it. */
  readonly device: string;
  readonly variants: readonly Variant[];
  readonly plan: GpuPlan;
  readonly repeat: number;
  readonly output: Output;
  /** Where PyTorch is to run; absent for none. */
  readonly torch: TorchDevice | undefined;
  readonly withDetails: boolean;
  /** From the start. Details come last; the figures before them take what they need of the share that is theirs. */
  readonly timeBudgetSeconds: number;
}

/** Of the time budget: when our own main figures, and then PyTorch's, have to be there. */
const shares = { ours: 0.6, torch: 0.9 };

/** Measures on a GPU, the most important first: convolutions, bandwidth, training steps, PyTorch, and at last the details. */
export async function benchOnGpu(bench: GpuBench): Promise<void> {
  const { output, plan, torch, timeBudgetSeconds } = bench;
  const start = secondsNow();
  const at = (share: number) => start + share * timeBudgetSeconds;
  const python = torch === undefined ? undefined : await findTorch(torch);
  const ours: (OperatorRow | StepRow)[] = [];
  for (const variant of bench.variants) {
    const deadline = at(python === undefined ? shares.torch : shares.ours);
    for await (const row of untilLost(variant, mainFigures(bench, variant, deadline))) {
      output.row(row);
      if (row.type === "operator" || row.type === "step") ours.push(row);
    }
  }
  if (python === undefined) {
    if (torch !== undefined) output.note(`without PyTorch: no python3 here has torch with ${torch}`);
  } else {
    const preset = plan.presets[0]!;
    const job = {
      ...{ device: torch!, preset, steps: plan.steps, parts: ["training step"] as const },
      ...{ convolutions: plan.convolutions, repeat: bench.repeat, seconds: at(shares.torch) - secondsNow() },
    };
    for await (const row of timeTorch(python, job, ours)) {
      output.row(row);
      if (row.type === "torch step" && sameZyx(row.shape, plan.steps.at(-1)!)) {
        output.row(protocolRow({ ...row, preset }, `PyTorch, ${row.mode}`));
      }
    }
  }
  if (!bench.withDetails) return;
  for (const variant of bench.variants) {
    for await (const row of untilLost(variant, details(bench, variant, at(1)))) output.row(row);
  }
}

async function* mainFigures(
  { device: name, plan, repeat }: GpuBench,
  { label, options }: Variant,
  deadline: number,
): AsyncGenerator<BenchRow> {
  const device = await openDevice(name, options);
  const head = { device: device.name, variant: label };
  const timing = timingOn(device, repeat, deadline);
  try {
    yield { type: "device", ...head, description: device.description, gpu: device.gpu! };
    if (hasKernel("EnsamConv3d")) {
      for (const convolution of plan.convolutions) {
        yield* attempt(convolutionWords(convolution), deadline, () => timeConvolution(head, convolution, timing));
      }
    }
    yield* attempt("bandwidth", deadline, () => benchBandwidth(head, plan.copied, timing));
    for (const preset of plan.presets) {
      for (const shape of plan.steps) {
        const step = { preset, shape, parts: ["training step"] as const };
        const rows = () => benchSteps(head, device, step, timing);
        for await (const row of attempt(stepWords(preset, shape), deadline, rows)) {
          yield row;
          if (row.type === "step" && shape === plan.steps.at(-1)) yield protocolRow(row, `${device.name}, ${label}`);
        }
      }
    }
  } finally {
    device.dispose();
  }
}

/** Rows, until the device breaks. */
async function* untilLost({ label }: Variant, rows: AsyncGenerator<BenchRow>): AsyncGenerator<BenchRow> {
  try {
    yield* rows;
  } catch (error) {
    // An adapter without f16 or matrix units is no failure.
    if (!(error instanceof DeviceUnavailable)) process.exitCode = 1;
    yield { type: "omitted", what: `the rest of ${label}`, reason: (error as Error).message };
  }
}

/** The parts of a step, and the operators one by one. */
async function* details(
  { device: name, plan, repeat, output }: GpuBench,
  { label, options }: Variant,
  deadline: number,
): AsyncGenerator<BenchRow> {
  const device = await openDevice(name, options);
  const head = { device: device.name, variant: label };
  const timing = timingOn(device, repeat, deadline);
  try {
    output.note("shares of kernels: not on a GPU, where kernels are queued when they are called and run later");
    for (const preset of plan.presets) {
      const shape = plan.details;
      const parts = ["encoder", "interaction"] as const;
      yield* attempt(`parts of the ${preset} step`, deadline, () =>
        benchSteps(head, device, { preset, shape, parts }, timing),
      );
      yield* attempt(`operators of ${preset}`, deadline, () => benchOperators(head, { preset, shape }, timing));
    }
  } finally {
    device.dispose();
  }
}
