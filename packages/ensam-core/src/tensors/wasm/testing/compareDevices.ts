import { tf } from "../../tf.ts";
import { backendName } from "../backend.ts";
import { openWasm, type WasmOptions } from "../openWasm.ts";

export type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

export interface Given {
  shape: number[];
  values: Float32Array;
}

/** Value of an operator and its gradients along a fixed direction, on the current device. */
export function evaluate(
  op: Op,
  inputs: readonly Given[],
  seed: number,
): { output: Float32Array; gradients: Float32Array[] } {
  return tf.tidy(() => {
    const tensors = inputs.map(({ shape, values }) => tf.tensor(values.slice(), shape, "float32"));
    const output = op(...tensors);
    const direction = tf.tensor(normals(output.size, seed), output.shape, "float32");
    const { grads } = tf.engine().gradients(() => op(...tensors), tensors, direction, true);
    return {
      output: output.dataSync() as Float32Array,
      gradients: grads.map((gradient) => gradient.dataSync() as Float32Array),
    };
  });
}

/** The same on the stock CPU device. */
export function evaluateOnCpu(op: Op, inputs: readonly Given[], seed: number): ReturnType<typeof evaluate> {
  tf.setBackend("cpu");
  try {
    return evaluate(op, inputs, seed);
  } finally {
    if (tf.findBackendFactory(backendName) != null) tf.setBackend(backendName);
  }
}

/** Values below this are taken for rounding of something larger. */
const least = 1e-2;

/** Largest difference, relative to the largest value. */
export function relativeError(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let scale = least;
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(actual[i]!)) return Number.POSITIVE_INFINITY;
    scale = Math.max(scale, Math.abs(expected[i]!));
    worst = Math.max(worst, Math.abs(actual[i]! - expected[i]!));
  }
  return worst / scale;
}

/** Normal numbers from a small generator of its own, so that a test's arithmetic does not lean on what it tests. */
export function normals(size: number, seed: number): Float32Array {
  let state = (seed * 2654435761 + 12345) >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state + 0.5) / 4294967296;
  };
  return Float32Array.from(
    { length: size },
    () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
  );
}

export function given(shape: number[], seed: number, scale = 1, offset = 0): Given {
  const size = shape.reduce((product, n) => product * n, 1);
  return { shape, values: normals(size, seed).map((value) => value * scale + offset) };
}

/** Opens the engine, runs, closes it. */
export async function withWasm<Result>(options: WasmOptions, use: () => Result): Promise<Result> {
  const device = await openWasm(options);
  try {
    return use();
  } finally {
    device.dispose();
  }
}
