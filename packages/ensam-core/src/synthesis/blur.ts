import type { Zyx } from "../voxels/index.ts";

/** Blurs a volume in place with a Gaussian; `sigma` is in voxels per axis, 0 leaves the axis as it is. Edges repeat. */
export function blur(data: Float32Array, shape: Zyx, sigma: Zyx): void {
  const strides = [shape[1] * shape[2], shape[2], 1] as const;
  for (const axis of [0, 1, 2] as const) {
    if (sigma[axis] > 0) blurAxis(data, shape[axis], strides[axis], gaussian(sigma[axis]));
  }
}

function blurAxis(data: Float32Array, length: number, stride: number, weights: Float64Array): void {
  const reach = (weights.length - 1) / 2;
  const padded = new Float64Array(length + 2 * reach);
  for (let start = 0; start < data.length; start++) {
    if (Math.floor(start / stride) % length !== 0) continue;
    for (let i = 0; i < padded.length; i++) {
      padded[i] = data[start + Math.min(length - 1, Math.max(0, i - reach)) * stride]!;
    }
    for (let i = 0; i < length; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * padded[i + k]!;
      data[start + i * stride] = sum;
    }
  }
}

function gaussian(sigma: number): Float64Array {
  const reach = Math.max(1, Math.ceil(3 * sigma));
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-0.5 * ((i - reach) / sigma) ** 2));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
