import { type Grid, voxelCount, type Zyx } from "@ensam/core/voxels";

export interface WalkerOptions {
  /** How strongly edges hold the walker back. */
  readonly beta: number;
  /** Distance between voxels along (z, y, x), in any unit. */
  readonly spacing: Zyx;
}

/** Seeds: what is known of a voxel. */
export const seed = { none: 0, foreground: 1, background: 2 } as const;

/** A weight that no edge falls below, so that every voxel is reached. */
const leastWeight = 1e-10;
const tolerance = 1e-6;
const mostIterations = 2000;

/**
 * The probability that a random walk from each voxel meets a foreground seed before a background seed. The walk prefers
 * steps between similar values: an edge weighs exp(-beta d² / (10 s)), d the difference of the two values divided by
 * their distance, s the deviation of all values.
 *
 * Source: Grady, Random walks for image segmentation, PAMI 28, 2006; weights and normalisation as scikit-image's
 * `random_walker`. The linear system is solved by conjugate gradients with the diagonal as preconditioner.
 *
 * @param values  in [0, 1]
 * @param seeds   `seed` of each voxel; both kinds have to occur
 */
export function solveRandomWalker(
  { data: values, shape }: Grid<Float32Array>,
  seeds: Uint8Array,
  { beta, spacing }: WalkerOptions,
): Float32Array {
  if (!seeds.includes(seed.foreground) || !seeds.includes(seed.background)) {
    throw new RangeError("solveRandomWalker: seeds: expected both kinds, got one");
  }
  const system = edgeWeights(values, shape, { beta, spacing });
  const x = Float64Array.from(seeds, (kind) => (kind === seed.foreground ? 1 : 0));
  const isFree = Uint8Array.from(seeds, (kind) => (kind === seed.none ? 1 : 0));
  conjugateGradients(system, isFree, x);
  return Float32Array.from(x);
}

/** The graph's Laplacian: an edge to the next voxel on each axis (0 at the end), and each voxel's sum of edges. */
interface Laplacian {
  readonly strides: Zyx;
  readonly edges: readonly [Float64Array, Float64Array, Float64Array];
  readonly degree: Float64Array;
}

function edgeWeights(values: Float32Array, shape: Zyx, { beta, spacing }: WalkerOptions): Laplacian {
  const count = voxelCount(shape);
  const strides: Zyx = [shape[1] * shape[2], shape[2], 1];
  const factor = -beta / (10 * deviation(values));
  const degree = new Float64Array(count);
  const along = (axis: 0 | 1 | 2): Float64Array => {
    const edges = new Float64Array(count);
    const stride = strides[axis];
    for (let i = 0; i < count; i++) {
      if (Math.floor(i / stride) % shape[axis] === shape[axis] - 1) continue;
      const slope = (values[i + stride]! - values[i]!) / spacing[axis];
      const weight = (slope === 0 ? 1 : Math.exp(factor * slope * slope)) + leastWeight;
      edges[i] = weight;
      degree[i]! += weight;
      degree[i + stride]! += weight;
    }
    return edges;
  };
  return { strides, edges: [along(0), along(1), along(2)], degree };
}

function deviation(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / values.length);
}

/** Solves L x = 0 at the free voxels, the others staying as they are. Changes `x`. */
function conjugateGradients(system: Laplacian, isFree: Uint8Array, x: Float64Array): void {
  const n = x.length;
  const { degree } = system;
  const [residual, step, product] = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
  multiply(system, x, product);
  let [slope, start] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (isFree[i] === 0) continue;
    residual[i] = -product[i]!;
    step[i] = residual[i]! / degree[i]!;
    slope += residual[i]! * step[i]!;
    start += residual[i]! ** 2;
  }
  const goal = start * tolerance ** 2;
  for (let iteration = 0, error = start; iteration < mostIterations && error > goal; iteration++) {
    multiply(system, step, product);
    let curvature = 0;
    for (let i = 0; i < n; i++) if (isFree[i] === 1) curvature += step[i]! * product[i]!;
    const length = slope / curvature;
    let next = 0;
    error = 0;
    for (let i = 0; i < n; i++) {
      if (isFree[i] === 0) continue;
      x[i]! += length * step[i]!;
      residual[i]! -= length * product[i]!;
      error += residual[i]! ** 2;
      next += residual[i]! ** 2 / degree[i]!;
    }
    for (let i = 0; i < n; i++) if (isFree[i] === 1) step[i] = residual[i]! / degree[i]! + (next / slope) * step[i]!;
    slope = next;
  }
}

function multiply({ strides, edges, degree }: Laplacian, x: Float64Array, out: Float64Array): void {
  for (let i = 0; i < x.length; i++) out[i] = degree[i]! * x[i]!;
  for (const [axis, weights] of edges.entries()) {
    const stride = strides[axis]!;
    for (let i = 0; i + stride < x.length; i++) {
      const weight = weights[i]!;
      if (weight === 0) continue;
      out[i]! -= weight * x[i + stride]!;
      out[i + stride]! -= weight * x[i]!;
    }
  }
}
