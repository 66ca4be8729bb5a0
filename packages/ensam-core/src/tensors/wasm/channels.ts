import type { TensorInfo } from "../backend/tensorInfo.ts";
import { normEpsilon } from "../constants.ts";
import type { WasmBackend } from "./backend.ts";
import { type Kernel, register, sizeOf } from "./register.ts";

/** Floats per microsecond of one thread that a pass over a map manages, roughly: to tell short jobs. */
export const floatsPerMicrosecond = 1500;

export function registerChannels(): void {
  register("EnsamChannelSum", (backend, { x }) => {
    const channels = x!.shape.at(-1)!;
    const sum = backend.output([channels]);
    channelSum(backend, backend.address(x!), sum.address, sizeOf(x!.shape) / channels, channels);
    return sum;
  });
  register("EnsamInstanceMoments", instanceMoments);
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

/** Addresses of what norm + ReLU takes beside a map, [C] each: mean + rest is the mean in twice the precision. */
export interface Norm {
  readonly mean: number;
  readonly rest: number;
  readonly inverseDeviation: number;
  readonly gain: number;
  readonly shift: number;
}

const normNames = ["mean", "rest", "inverseDeviation", "gain", "shift"] as const;

/** The norm + ReLU among a kernel's inputs, if there is one. */
export function normOf(backend: WasmBackend, inputs: Record<string, TensorInfo>): Norm | undefined {
  if (inputs.mean === undefined) return undefined;
  return Object.fromEntries(normNames.map((name) => [name, backend.address(inputs[name]!)])) as unknown as Norm;
}

/** A norm + ReLU, or none, as the last parameters of the kernels that compute it as they read: see `prepareNorm`. */
export function normParameters(norm: Norm | undefined): number[] {
  return norm === undefined ? [0] : normNames.map((name) => norm[name]);
}

/** Mean and inverse deviation of each channel of a map. */
function computeMoments(
  backend: WasmBackend,
  x: number,
  { voxels, channels }: MapSize,
  { mean, rest, inverseDeviation }: Pick<Norm, "mean" | "rest" | "inverseDeviation">,
): void {
  const tasks = reductionTasks(voxels, channels);
  backend.borrow(tasks * channels * 16, (partials) => {
    backend.engine.run({
      kernel: "channelMoments",
      parameters: [x, partials, voxels, channels, tasks],
      tasks,
      microseconds: (voxels * channels) / floatsPerMicrosecond,
    });
    backend.engine.run({
      kernel: "finishMoments",
      parameters: [partials, tasks, channels, voxels, { float: normEpsilon }, mean, inverseDeviation, rest],
      tasks: 1,
    });
  });
}

/** y = relu(norm(x)). */
export function normalizeRelu(
  backend: WasmBackend,
  x: number,
  y: number,
  { voxels, channels }: MapSize,
  { mean, rest, inverseDeviation, gain, shift }: Norm,
): void {
  const perTask = voxelsPerTask(channels);
  backend.engine.run({
    kernel: "normalizeRelu",
    parameters: [x, y, mean, rest, inverseDeviation, gain, shift, voxels, channels, perTask],
    tasks: Math.ceil(voxels / perTask),
    microseconds: (voxels * channels) / floatsPerMicrosecond,
  });
}

interface MapSize {
  readonly voxels: number;
  readonly channels: number;
}

const instanceMoments: Kernel = (backend, { x }) => {
  const size = sizeOfMap(x!);
  const xAt = backend.address(x!);
  const [mean, rest, inverse] = [0, 1, 2].map(() => backend.output([size.channels])) as [Output, Output, Output];
  const at = { mean: mean.address, rest: rest.address, inverseDeviation: inverse.address };
  computeMoments(backend, xAt, size, at);
  return [mean, rest, inverse];
};

const instanceNormRelu: Kernel = (backend, inputs) => {
  const { x, gain, shift } = inputs as { x: TensorInfo; gain: TensorInfo; shift: TensorInfo };
  const size = sizeOfMap(x);
  const [xAt, gainAt, shiftAt] = [x, gain, shift].map((tensor) => backend.address(tensor)) as [number, number, number];
  const y = backend.output(x.shape);
  const mean = backend.output([size.channels]);
  const inverse = backend.output([size.channels]);
  backend.borrow(size.channels * 4, (rest) => {
    const moments = { mean: mean.address, rest, inverseDeviation: inverse.address };
    computeMoments(backend, xAt, size, moments);
    normalizeRelu(backend, xAt, y.address, size, { ...moments, gain: gainAt, shift: shiftAt });
  });
  return [y, mean, inverse];
};

type Output = ReturnType<WasmBackend["output"]>;

function sizeOfMap({ shape }: TensorInfo): MapSize {
  const channels = shape.at(-1)!;
  return { voxels: sizeOf(shape) / channels, channels };
}

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
