import { defineGradient, hasKernel, runKernel } from "../kernels.ts";
import { expectShapes } from "../shapes.ts";
import { tf } from "../tf.ts";
import { matrixExponential } from "./matrixExponential.ts";

/**
 * LieRE rotations, one for each position: `R(p) = exp(p_z A_z + p_y A_y + p_x A_x)` with `A = U - Uᵀ` and U the strict
 * upper triangle of a generator. Computed in float64: with generators up to 2π the exponent has a spectral radius of
 * some 200, where float32 is off by 6e-6.
 *
 * Costs about 0.5 million multiply-accumulates for each position at g = 32: keep the result as long as the generators
 * and the grid stay the same. Only the generators are differentiated.
 *
 * @param points      [N, 3], (z, y, x)
 * @param generators  [3, g, g], one for each axis; the diagonal and the lower triangle have no effect
 * @returns           [N, g, g], RᵀR = 1
 */
export function rotations(points: tf.Tensor, generators: tf.Tensor): tf.Tensor {
  checkRotations(points, generators);
  if (!hasKernel("EnsamRotations")) return rotationsComposed(points, generators);
  return runKernel("EnsamRotations", { points, generators });
}

/** `rotations` in plain TypeScript; reads its inputs back from the device. */
export function rotationsComposed(points: tf.Tensor, generators: tf.Tensor): tf.Tensor {
  checkRotations(points, generators);
  const positions = points.dataSync() as Float32Array;
  const count = points.shape[0]!;
  const size = generators.shape[1]!;
  const exponential = tf.customGrad((...inputs) => {
    const raw = (inputs[0] as tf.Tensor).dataSync() as Float32Array;
    const exponents = exponentsAt(positions, raw, size);
    const { of, derivative } = matrixExponential(size);
    const values = new Float32Array(count * size * size);
    for (let i = 0; i < count; i++) values.set(of(exponents(i)), i * size * size);
    return {
      value: tf.tensor3d(values, [count, size, size]),
      gradFunc: (dRotations: tf.Tensor) => {
        const upstream = dRotations.dataSync() as Float32Array;
        const dGenerators = gradientOfGenerators(positions, upstream, size, (i, dR) => {
          // The adjoint of the derivative of exp at M is the derivative at Mᵀ, and Mᵀ = -M.
          return derivative(
            exponents(i).map((entry) => -entry),
            dR,
          );
        });
        return tf.tensor3d(dGenerators, [3, size, size]);
      },
    };
  });
  return exponential(generators);
}

/** The skew-symmetric matrices `Σ_a p_a (U_a - U_aᵀ)` in float64, by position. */
function exponentsAt(positions: Float32Array, raw: Float32Array, size: number): (position: number) => Float64Array {
  const exponent = new Float64Array(size * size);
  return (position) => {
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++) {
        let entry = 0;
        for (let a = 0; a < 3; a++) entry += positions[position * 3 + a]! * raw[(a * size + i) * size + j]!;
        exponent[i * size + j] = entry;
        exponent[j * size + i] = -entry;
      }
    }
    return exponent;
  };
}

/** `dU_a = dA_a - dA_aᵀ` above the diagonal, where `dA_a = Σ_i p_ia dM_i`. */
function gradientOfGenerators(
  positions: Float32Array,
  upstream: Float32Array,
  size: number,
  dExponent: (position: number, dRotation: Float64Array) => Float64Array,
): Float32Array {
  const sums = new Float64Array(3 * size * size);
  const cells = size * size;
  for (let n = 0; n < positions.length / 3; n++) {
    const dM = dExponent(n, Float64Array.from(upstream.subarray(n * cells, (n + 1) * cells)));
    for (let i = 0; i < size; i++) {
      for (let j = i + 1; j < size; j++) {
        const skew = dM[i * size + j]! - dM[j * size + i]!;
        for (let a = 0; a < 3; a++) sums[(a * size + i) * size + j]! += positions[n * 3 + a]! * skew;
      }
    }
  }
  return Float32Array.from(sums);
}

defineGradient("EnsamRotations", {
  saveInputs: ["points", "generators"],
  gradients: ([dR], [points, generators]) => ({
    generators: () => runKernel("EnsamRotationsGradient", { dR: dR!, points: points!, generators: generators! }),
  }),
});

function checkRotations(points: tf.Tensor, generators: tf.Tensor): void {
  expectShapes("rotations", { points: [points, ["N", 3]], generators: [generators, [3, "g", "g"]] });
}
