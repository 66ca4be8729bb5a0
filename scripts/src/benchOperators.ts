import { type PresetName, presets } from "@ensam/core/model";
import { hasKernel, tf } from "@ensam/core/tensors";
import { measure } from "./benchTiming.ts";

export interface OperatorRow {
  type: "operator";
  device: string;
  threads: number;
  preset: PresetName;
  size: number;
  operator: string;
  /** Voxels of the input along each axis. */
  grid: number;
  pass: "forward" | "input gradient" | "filter gradient" | "gradient";
  seconds: number;
  /** Of convolutions. */
  gflops?: number;
  /** Of passes over memory: bytes of the large tensors read and written, in 10⁹ a second. */
  gigabytesPerSecond?: number;
}

interface Convolution {
  name: string;
  grid: number;
  inputs: number;
  outputs: number;
  kernel: number;
  stride: 1 | 2;
}

type Pass = OperatorRow["pass"];

export interface OperatorCase {
  device: string;
  threads: number;
  preset: PresetName;
  size: number;
  repeat: number;
}

/** Times the model's operators in its shapes on the current device, which must have kernels for them. */
export function* benchOperators(c: OperatorCase): Generator<OperatorRow> {
  if (!hasKernel("EnsamConv3d")) return;
  for (const convolution of convolutionsOf(c.preset, c.size)) yield* timeConvolution(c, convolution);
  yield* timeMaps(c);
}

function convolutionsOf(preset: PresetName, size: number): Convolution[] {
  const { filters, maskFilters } = presets[preset];
  const list: Convolution[] = [{ name: "stem", grid: size, inputs: 1, outputs: filters[0]!, kernel: 3, stride: 1 }];
  filters.forEach((channels, i) => {
    const grid = size >> i;
    list.push({ name: `block ${i}`, grid, inputs: channels, outputs: channels, kernel: 3, stride: 1 });
    const next = filters[i + 1];
    if (next === undefined) return;
    list.push({ name: `down ${i}`, grid, inputs: channels, outputs: next, kernel: 3, stride: 2 });
    list.push({ name: `decoder ${i}`, grid, inputs: 2 * channels, outputs: channels, kernel: 3, stride: 1 });
  });
  list.push({
    name: "mask 1",
    grid: size >> 1,
    inputs: maskFilters[0]!,
    outputs: maskFilters[1]!,
    kernel: 2,
    stride: 2,
  });
  list.push({ name: "head", grid: size, inputs: filters[0]!, outputs: 1, kernel: 1, stride: 1 });
  return list;
}

function* timeConvolution(
  c: OperatorCase,
  { name, grid, inputs, outputs, kernel, stride }: Convolution,
): Generator<OperatorRow> {
  const out = grid / stride;
  const x = tf.randomNormal([1, grid, grid, grid, inputs]);
  const dy = tf.randomNormal([1, out, out, out, outputs]);
  const weight = tf.randomNormal([outputs, inputs, kernel, kernel, kernel]);
  const base = { stride, from: 0 };
  const passes: [Pass, () => unknown][] = [
    ["forward", () => runKernel("EnsamConv3d", { x, weight }, base)],
    [
      "input gradient",
      () => runKernel("EnsamConv3dInputGradient", { dy, weight }, { ...base, channels: inputs, inputShape: x.shape }),
    ],
    [
      "filter gradient",
      () => runKernel("EnsamConv3dFilterGradient", { x, dy }, { ...base, weightShape: weight.shape }),
    ],
  ];
  const flops = 2 * out ** 3 * kernel ** 3 * inputs * outputs;
  for (const [pass, run] of passes) {
    const seconds = measure(() => tf.tidy(() => void run()), c.repeat).median;
    const operator = `${name}: conv ${kernel}³ ${inputs}→${outputs}${stride === 2 ? " /2" : ""}`;
    yield { ...head(c), operator, grid, pass, seconds, gflops: flops / seconds / 1e9 };
  }
  tf.dispose([x, dy, weight]);
}

/** The passes over whole maps, at the first and largest stage. */
function* timeMaps(c: OperatorCase): Generator<OperatorRow> {
  const channels = presets[c.preset].filters[0]!;
  const shape = [1, c.size, c.size, c.size, channels];
  const x = tf.randomNormal(shape);
  const dy = tf.randomNormal(shape);
  const half = tf.randomNormal([1, c.size / 2, c.size / 2, c.size / 2, channels]);
  const gain = tf.ones([channels]);
  const shift = tf.zeros([channels]);
  const logits = tf.randomNormal([...shape.slice(0, 4), 1]);
  const target = tf.cast(tf.greater(logits, 0.5), "float32");
  const [, mean, inverseDeviation] = runKernel("EnsamInstanceNormRelu", { x, gain, shift }) as tf.Tensor[];
  const normalized = { dy, x, gain, shift, mean: mean!, inverseDeviation: inverseDeviation! };
  const map = x.size * 4;
  const passes: [name: string, pass: Pass, bytes: number, run: () => unknown][] = [
    ["instance norm + ReLU", "forward", 3 * map, () => runKernel("EnsamInstanceNormRelu", { x, gain, shift })],
    ["instance norm + ReLU", "gradient", 5 * map, () => runKernel("EnsamInstanceNormReluGradient", normalized)],
    ["upsample ×2", "forward", 1.125 * map, () => runKernel("EnsamUpsample2", { x: half })],
    ["upsample ×2", "gradient", 1.125 * map, () => runKernel("EnsamUpsample2Gradient", { dy })],
    ["RMS + GELU", "forward", 2 * map, () => runKernel("EnsamChannelRmsGelu", { x })],
    ["RMS + GELU", "gradient", 3 * map, () => runKernel("EnsamChannelRmsGeluGradient", { dy, x })],
    ["sum of two maps", "forward", 3 * map, () => tf.add(x, dy)],
    ["Dice + cross-entropy", "forward", 8 * target.size, () => runKernel("EnsamDiceCrossEntropy", { logits, target })],
  ];
  for (const [operator, pass, bytes, run] of passes) {
    const seconds = measure(() => tf.tidy(() => void run()), c.repeat).median;
    yield { ...head(c), operator, grid: c.size, pass, seconds, gigabytesPerSecond: bytes / seconds / 1e9 };
  }
  tf.dispose([x, dy, half, gain, shift, logits, target, mean!, inverseDeviation!]);
}

function head({ device, threads, preset, size }: OperatorCase) {
  return { type: "operator" as const, device, threads, preset, size };
}

type Attributes = Parameters<ReturnType<typeof tf.engine>["runKernel"]>[2];

function runKernel(name: string, inputs: Record<string, tf.Tensor>, attributes: object = {}): tf.Tensor | tf.Tensor[] {
  return tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(name, inputs, attributes as Attributes);
}
