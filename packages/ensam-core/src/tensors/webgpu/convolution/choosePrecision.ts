import { DeviceUnavailable } from "../../devices/device.ts";
import { tf } from "../../tf.ts";
import type { GpuBackend } from "../runtime/backend.ts";
import { type Arithmetic, firstSettings, type MatrixUnit, type Precision } from "../runtime/convolutionSettings.ts";
import { remembered } from "../runtime/tuningCache.ts";
import { timeConvolution } from "./tuneTiles.ts";

/** Largest difference from f32, relative to the largest number, with which another arithmetic passes. */
export const precisionTolerance = 2e-3;

export interface PrecisionOptions {
  /** `auto`: the fastest of those that pass. */
  readonly wanted: Precision | "auto";
  readonly hasF16: boolean;
  readonly unit: MatrixUnit | undefined;
  /** Names the adapter and its driver. */
  readonly adapter: string;
  /** A software adapter's speed says nothing: `auto` is f32 there. */
  readonly isSoftware: boolean;
}

/**
 * Sets the arithmetic of convolutions. Anything but f32 must agree with f32 on this adapter: a convolution and both of
 * its gradients are compared, with gradients as small as those of the largest volumes.
 *
 * @throws DeviceUnavailable where the wanted one is not there or does not agree
 */
export async function choosePrecision(backend: GpuBackend, options: PrecisionOptions): Promise<Precision> {
  const { wanted, hasF16, unit, adapter, isSoftware } = options;
  setArithmetic(backend, { precision: "f32" });
  if (wanted === "f32" || (wanted === "auto" && isSoftware)) return "f32";
  const offered: Arithmetic[] = [];
  if (hasF16) offered.push({ precision: "f16" });
  if (hasF16 && unit !== undefined) offered.push({ precision: "matrix", unit });
  if (wanted !== "auto") {
    const arithmetic = offered.find(({ precision }) => precision === wanted);
    if (arithmetic === undefined)
      throw new DeviceUnavailable(`webgpu: precision: expected ${needs[wanted]}, got one without`);
    const error = await differenceFromF32(backend, arithmetic);
    if (!(error <= precisionTolerance)) {
      throw new DeviceUnavailable(
        `webgpu: precision: expected ${wanted} to agree with f32 within ${precisionTolerance}, got ${error.toPrecision(2)}`,
      );
    }
    setArithmetic(backend, arithmetic);
    return wanted;
  }
  const fastest = await remembered(`precision ${adapter}`, () => fastestThatAgrees(backend, offered));
  setArithmetic(backend, offered.find(({ precision }) => precision === fastest) ?? { precision: "f32" });
  return fastest;
}

const needs: Readonly<Record<Exclude<Precision, "f32">, string>> = {
  f16: "an adapter with shader-f16",
  matrix: "an adapter with matrix units for f16 numbers and f32 sums",
};

async function fastestThatAgrees(backend: GpuBackend, offered: readonly Arithmetic[]): Promise<Precision> {
  let best: { precision: Precision; seconds: number } | undefined;
  for (const arithmetic of [{ precision: "f32" } as const, ...offered]) {
    if (arithmetic.precision !== "f32" && !(await agrees(backend, arithmetic))) continue;
    setArithmetic(backend, arithmetic);
    let seconds = 0;
    // The paper preset's first stages: most of its work.
    for (const channels of [16, 32, 64]) seconds += await timeConvolution(backend, channels, {});
    if (best === undefined || seconds < best.seconds) best = { precision: arithmetic.precision, seconds };
  }
  return best!.precision;
}

async function agrees(backend: GpuBackend, arithmetic: Arithmetic): Promise<boolean> {
  try {
    return (await differenceFromF32(backend, arithmetic)) <= precisionTolerance;
  } catch {
    return false;
  }
}

interface Example {
  readonly size: readonly [number, number, number];
  readonly channels: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
}

const examples: readonly Example[] = [
  { size: [5, 6, 19], channels: 16, outputs: 16, kernel: 3, stride: 1 },
  { size: [6, 5, 9], channels: 20, outputs: 72, kernel: 3, stride: 2 },
  { size: [4, 5, 7], channels: 3, outputs: 18, kernel: 3, stride: 1 },
  { size: [3, 6, 7], channels: 40, outputs: 32, kernel: 1, stride: 1 },
];
/** As small as the gradient of a mean over ten million voxels. */
const gradientSize = 1e-7;

/**
 * The largest difference between an arithmetic and f32 over the examples, relative to the largest number of each
 * result. Afterwards convolutions are in f32. Throws where it cannot be computed on the adapter.
 */
export async function differenceFromF32(backend: GpuBackend, arithmetic: Arithmetic): Promise<number> {
  let worst = 0;
  try {
    for (const [i, example] of examples.entries()) {
      setArithmetic(backend, { precision: "f32" });
      const expected = await resultsOf(example, i);
      setArithmetic(backend, arithmetic, 0);
      const got = await resultsOf(example, i);
      expected.forEach((values, k) => {
        worst = Math.max(worst, relativeDifference(got[k]!, values));
      });
    }
    return worst;
  } finally {
    setArithmetic(backend, { precision: "f32" });
  }
}

/** From now on the device computes convolutions so. @param smallest  fewest rows for which matrix units are used */
export function setArithmetic(
  backend: GpuBackend,
  arithmetic: Arithmetic,
  smallest = firstSettings.smallestMatrixMap,
): void {
  backend.convolutions = { ...backend.convolutions, arithmetic, smallestMatrixMap: smallest };
}

/** The convolution of an example and its gradients for input and filter. */
async function resultsOf({ size, channels, outputs, kernel, stride }: Example, seed: number): Promise<Float32Array[]> {
  const results = tf.tidy(() => {
    const x = tf.randomNormal([1, ...size, channels], 0, 1, "float32", seed + 1);
    const weightShape = [outputs, channels, kernel, kernel, kernel];
    const weight = tf.randomNormal(weightShape, 0, 0.1, "float32", seed + 2);
    const run = (name: string, inputs: Record<string, tf.Tensor>, more: Record<string, unknown> = {}) =>
      tf.engine().runKernel(name, inputs, { stride, from: 0, ...more }) as tf.Tensor;
    const y = run("EnsamConv3d", { x, weight });
    const dy = tf.randomNormal(y.shape, 0, gradientSize, "float32", seed + 3);
    const inputGradient = { channels, inputShape: x.shape };
    return [
      y,
      run("EnsamConv3dInputGradient", { dy, weight }, inputGradient),
      run("EnsamConv3dFilterGradient", { x, dy }, { weightShape }),
    ];
  });
  try {
    return await Promise.all(results.map((tensor) => tensor.data<"float32">()));
  } finally {
    tf.dispose(results);
  }
}

function relativeDifference(got: Float32Array, expected: Float32Array): number {
  let [largest, worst] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    largest = Math.max(largest, Math.abs(expected[i]!));
    const difference = Math.abs(got[i]! - expected[i]!);
    worst = Number.isFinite(difference) ? Math.max(worst, difference) : Number.POSITIVE_INFINITY;
  }
  return worst / largest;
}
