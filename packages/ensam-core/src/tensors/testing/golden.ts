import { readFileSync } from "node:fs";
import { missing, sharedPath } from "../../files/testing/index.ts";
import { tf } from "../index.ts";

export interface GoldenTensor {
  readonly shape: number[];
  readonly data: Float32Array;
}

/** Tensors of a golden file by name. */
export type Golden = Record<string, GoldenTensor>;

/** Reads a golden .safetensors file in which every tensor is float32. */
export function readGolden(file: URL | string): Golden {
  const bytes = readFileSync(file);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength)) as Record<
    string,
    { dtype: string; shape: number[]; data_offsets: [number, number] }
  >;
  const golden: Golden = {};
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [start, end] = entry.data_offsets.map((offset) => 8 + headerLength + offset) as [number, number];
    const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end));
    golden[name] = { shape: entry.shape, data };
  }
  return golden;
}

/** The file of this name among the model's golden values, or `undefined` with a printed reason if they are not here. */
export function findShared(name: string): string | undefined {
  const path = ["golden", "model", name];
  return missing(...path).isMissing ? undefined : sharedPath(...path);
}

/** [C, z, y, x] (or [z, y, x], one channel) -> [1, z, y, x, C]. */
export function featureMap({ shape, data }: GoldenTensor): tf.Tensor {
  const [channels, ...grid] = shape.length === 3 ? [1, ...shape] : shape;
  return tf.tidy(() => tf.transpose(tf.tensor(data, [1, channels!, ...grid]), [0, 2, 3, 4, 1]));
}

/** A tensor in the layout of the file: tokens, weights, vectors. */
export function plain({ shape, data }: GoldenTensor): tf.Tensor {
  return tf.tensor(data, shape);
}

/** Largest difference of a result to its golden value, divided by the largest golden value. */
export function goldenError(result: tf.Tensor, golden: GoldenTensor): number {
  const isMap = result.rank === 5 && !tf.util.arraysEqual(result.shape, golden.shape);
  const values = tf.tidy(() => (isMap ? tf.transpose(result, [0, 4, 1, 2, 3]) : result).dataSync());
  if (values.length !== golden.data.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < values.length; i++) {
    largest = Math.max(largest, Math.abs(golden.data[i]!));
    const own = Math.abs(values[i]! - golden.data[i]!);
    difference = Number.isNaN(own) ? Number.POSITIVE_INFINITY : Math.max(difference, own);
  }
  // A tensor that is all zero has no size of its own: 1e-7 then counts as one tolerance of 1e-5.
  return largest === 0 ? difference * 100 : difference / largest;
}
