import type { TensorInfo } from "../backend/tensorInfo.ts";
import { normEpsilon } from "../constants.ts";
import type { WasmBackend } from "./backend.ts";
import { type Kernel, register, sizeOf } from "./register.ts";

/** Floats per microsecond of one thread that a pass over a map manages, roughly: to tell short jobs. */
export const floatsPerMicrosecond = 1500;
/** Under the square root of the deviation. */

export function registerChannels(): void {
  register("EnsamChannelSum", (backend, { x }) => {
    const channels = x!.shape.at(-1)!;
    const sum = backend.output([channels]);
    channelSum(backend, backend.address(x!), sum.address, sizeOf(x!.shape) / channels, channels);
    return sum;
  });
  register("EnsamInstanceNormRelu", instanceNormRelu);
  register("EnsamInstanceNormReluGradient", instanceNormReluGradient);
}

/** Tasks of a reduction: by the size alone, so that the order of summation is the same for any number of threads. */
function reductionTasks(voxels: number, channels: number): number {
  return Math.max(1, Math.min(64, Math.floor((voxels * channels) / 16384), voxels));
}

/** target[c] = Σ over voxels of x[v, c], summed in doubles. */
export function channelSum(backend: WasmBackend, x: number, target: number, voxels: number, channels: number): void {
  const tasks = reductionTasks(voxels, channels);
  backend.borrow(tasks * channels * 8, (partials) => {
    backend.engine.run({
      kernel: "channelSums",
      parameters: [x, partials, voxels, channels, tasks],
      tasks,
      microseconds: (voxels * channels) / floatsPerMicrosecond,
    });
    backend.engine.run({ kernel: "addDoubles", parameters: [partials, tasks, channels, target], tasks: 1 });
  });
}

/** Voxels per task of a pass that writes a map. */
function voxelsPerTask(channels: number): number {
  return Math.max(1, Math.floor(32768 / channels));
}

const instanceNormRelu: Kernel = (backend, inputs) => {
  const { x, gain, shift } = inputs as { x: TensorInfo; gain: TensorInfo; shift: TensorInfo };
  const channels = x.shape.at(-1)!;
  const voxels = sizeOf(x.shape) / channels;
  const [xAt, gainAt, shiftAt] = [x, gain, shift].map((tensor) => backend.address(tensor)) as [number, number, number];
  const y = backend.output(x.shape);
  const mean = backend.output([channels]);
  const inverse = backend.output([channels]);
  const tasks = reductionTasks(voxels, channels);
  const restBytes = channels * 4;
  const microseconds = (voxels * channels) / floatsPerMicrosecond;
  backend.borrow(tasks * channels * 16 + restBytes, (partials) => {
    const rest = partials + tasks * channels * 16;
    backend.engine.run({
      kernel: "channelMoments",
      parameters: [xAt, partials, voxels, channels, tasks],
      tasks,
      microseconds,
    });
    backend.engine.run({
      kernel: "finishMoments",
      parameters: [partials, tasks, channels, voxels, { float: normEpsilon }, mean.address, inverse.address, rest],
      tasks: 1,
    });
    const perTask = voxelsPerTask(channels);
    backend.engine.run({
      kernel: "normalizeRelu",
      parameters: [xAt, y.address, mean.address, rest, inverse.address, gainAt, shiftAt, voxels, channels, perTask],
      tasks: Math.ceil(voxels / perTask),
      microseconds,
    });
  });
  return [y, mean, inverse];
};

const instanceNormReluGradient: Kernel<{ overwrite?: boolean }> = (backend, inputs, { overwrite = false }) => {
  const names = ["dy", "x", "mean", "inverseDeviation", "gain", "shift"] as const;
  const addresses = names.map((name) => backend.address(inputs[name]!));
  const { shape } = inputs.x!;
  const channels = shape.at(-1)!;
  const voxels = sizeOf(shape) / channels;
  const dx = overwrite ? backend.share(inputs.dy!) : backend.output(shape);
  const dGain = backend.output([channels]);
  const dShift = backend.output([channels]);
  const tasks = reductionTasks(voxels, channels);
  const microseconds = (2 * voxels * channels) / floatsPerMicrosecond;
  backend.borrow(tasks * channels * 16 + channels * 8, (partials) => {
    const sums = partials + tasks * channels * 16;
    backend.engine.run({
      kernel: "normalizeReluSums",
      parameters: [...addresses, partials, voxels, channels, tasks],
      tasks,
      microseconds,
    });
    backend.engine.run({ kernel: "addDoubles", parameters: [partials, tasks, channels * 2, sums], tasks: 1 });
    backend.engine.run({ kernel: "copy", parameters: [sums, 0, dShift.address, channels, channels], tasks: 1 });
    backend.engine.run({
      kernel: "copy",
      parameters: [sums + channels * 4, 0, dGain.address, channels, channels],
      tasks: 1,
    });
  });
  const perTask = voxelsPerTask(channels);
  backend.engine.run({
    kernel: "normalizeReluBack",
    parameters: [...addresses, backend.address(dx), dShift.address, dGain.address, voxels, channels, perTask],
    tasks: Math.ceil(voxels / perTask),
    microseconds,
  });
  return [dx, dGain, dShift];
};
