import { type PresetName, presets } from "@ensam/core/model";
import { hasKernel, tf } from "@ensam/core/tensors";
import type { Zyx } from "@ensam/core/voxels";
import { type Convolution, timeConvolution } from "./benchConvolution.ts";
import type { Head, OperatorRow, Pass } from "./benchRows.ts";
import { measure, type Timing } from "./benchTiming.ts";
import { createMaps } from "./randomMaps.ts";
import { runKernel } from "./runKernel.ts";

/** Times a preset's operators in its shapes on the current device; nothing where it has no kernels for them. */
export async function* benchOperators(
  head: Head,
  { preset, shape }: { preset: PresetName; shape: Zyx },
  timing: Timing,
): AsyncGenerator<OperatorRow> {
  if (!hasKernel("EnsamConv3d")) return;
  for (const convolution of convolutionsOf(preset, shape)) yield* timeConvolution(head, convolution, timing);
  yield* timeMaps(head, presets[preset].filters[0]!, shape, timing);
}

function convolutionsOf(preset: PresetName, shape: Zyx): Convolution[] {
  const { filters, maskFilters } = presets[preset];
  const first = filters[0]!;
  const level = (i: number) => shape.map((n) => n >> i) as unknown as Zyx;
  const list: Convolution[] = [{ name: "stem", grid: shape, inputs: 1, outputs: first, kernel: 3, stride: 1 }];
  filters.forEach((channels, i) => {
    const grid = level(i);
    list.push({ name: `block ${i}`, grid, inputs: channels, outputs: channels, kernel: 3, stride: 1 });
    const next = filters[i + 1];
    if (next === undefined) return;
    list.push({ name: `down ${i}`, grid, inputs: channels, outputs: next, kernel: 3, stride: 2 });
    list.push({ name: `decoder ${i}`, grid, inputs: 2 * channels, outputs: channels, kernel: 3, stride: 1 });
  });
  list.push({ name: "mask 1", grid: level(1), inputs: maskFilters[0]!, outputs: maskFilters[1]!, kernel: 2, stride: 2 });
  list.push({ name: "head", grid: shape, inputs: first, outputs: 1, kernel: 1, stride: 1 });
  return list;
}

/** The passes over whole maps, at the first and largest stage. */
async function* timeMaps(head: Head, channels: number, grid: Zyx, timing: Timing): AsyncGenerator<OperatorRow> {
  const maps = createMaps();
  const small: tf.Tensor[] = [];
  try {
    const shape = [1, ...grid, channels];
    const x = maps.random(shape);
    const dy = maps.random(shape);
    const half = maps.random([1, ...grid.map((n) => n / 2), channels]);
    const gain = tf.ones([channels]);
    const shift = tf.zeros([channels]);
    const logits = maps.random([...shape.slice(0, 4), 1]);
    const target = tf.tidy(() => tf.cast(tf.greater(logits, 0.5), "float32"));
    const [normalized, mean, inverseDeviation] = runKernel("EnsamInstanceNormRelu", { x, gain, shift }) as tf.Tensor[];
    normalized!.dispose();
    small.push(gain, shift, target, mean!, inverseDeviation!);
    const saved = { dy, x, gain, shift, mean: mean!, inverseDeviation: inverseDeviation! };
    const map = x.size * 4;
    const passes: [name: string, pass: Pass, bytes: number, run: () => unknown][] = [
      ["instance norm + ReLU", "forward", 3 * map, () => runKernel("EnsamInstanceNormRelu", { x, gain, shift })],
      ["instance norm + ReLU", "gradient", 5 * map, () => runKernel("EnsamInstanceNormReluGradient", saved)],
      ["upsample ×2", "forward", 1.125 * map, () => runKernel("EnsamUpsample2", { x: half })],
      ["upsample ×2", "gradient", 1.125 * map, () => runKernel("EnsamUpsample2Gradient", { dy })],
      ["RMS + GELU", "forward", 2 * map, () => runKernel("EnsamChannelRmsGelu", { x })],
      ["RMS + GELU", "gradient", 3 * map, () => runKernel("EnsamChannelRmsGeluGradient", { dy, x })],
      ["sum of two maps", "forward", 3 * map, () => tf.add(x, dy)],
      [
        "Dice + cross-entropy",
        "forward",
        8 * target.size,
        () => runKernel("EnsamDiceCrossEntropy", { logits, target }),
      ],
    ];
    for (const [operator, pass, bytes, run] of passes)
      yield await timeBytes(head, { operator, pass, grid, bytes }, run, timing);
  } finally {
    maps.dispose();
    tf.dispose(small);
  }
}

/** Times what memory limits. `bytes` are those of the large tensors read and written. */
export async function timeBytes(
  head: Head,
  { bytes, ...what }: Pick<OperatorRow, "operator" | "pass" | "grid"> & { bytes: number },
  run: () => unknown,
  timing: Timing,
): Promise<OperatorRow> {
  const { median: seconds, fastest, slowest } = await measure(() => tf.tidy(() => void run()), timing);
  return { type: "operator", ...head, ...what, seconds, fastest, slowest, gigabytesPerSecond: bytes / seconds / 1e9 };
}
