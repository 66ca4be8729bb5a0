import { voxelCount, type Zyx } from "../geometry/index.ts";
import type { Grid } from "./grid.ts";

/** The number of coefficients of a bias field of this degree: one for each i + j + k <= degree. */
export function biasFieldTerms(degree: number): number {
  return ((degree + 1) * (degree + 2) * (degree + 3)) / 6;
}

/**
 * The image times a smooth field, as of an MR coil: exp(sum c[q] P_i(z) P_j(y) P_k(x)), Legendre polynomials over
 * [-1, 1] along each axis, q counting i = 0..degree, j = 0..degree-i, k = 0..degree-i-j. Nothing is clamped.
 *
 * Source: ENSAM §3.2.3 names the kind; the formulas are those of MONAI's RandBiasField.
 *
 * @param coefficients  {@link biasFieldTerms} of them; the degree follows from their number
 */
export function biasField(image: Grid<Float32Array>, coefficients: readonly number[]): Grid<Float32Array> {
  const field = biasFieldFactor(image.shape, coefficients);
  for (let i = 0; i < field.data.length; i++) field.data[i]! *= image.data[i]!;
  return field;
}

/** The field of {@link biasField} alone. */
export function biasFieldFactor(shape: Zyx, coefficients: readonly number[]): Grid<Float32Array> {
  const degree = degreeOf(coefficients.length);
  const terms = degree + 1;
  const [pz, py, px] = shape.map((size) => legendreTable(size, degree)) as [Float64Array, Float64Array, Float64Array];
  const data = new Float32Array(voxelCount(shape));
  const ofSlice = new Float64Array(terms * terms); // coefficients of P_j(y) P_k(x) in one slice
  const ofRow = new Float64Array(terms); // coefficients of P_k(x) in one row
  let to = 0;
  for (let z = 0; z < shape[0]; z++) {
    ofSlice.fill(0);
    let q = 0;
    for (let i = 0; i <= degree; i++) {
      for (let j = 0; j <= degree - i; j++) {
        for (let k = 0; k <= degree - i - j; k++) ofSlice[j * terms + k]! += coefficients[q++]! * pz[z * terms + i]!;
      }
    }
    for (let y = 0; y < shape[1]; y++) {
      for (let k = 0; k < terms; k++) {
        ofRow[k] = 0;
        for (let j = 0; j < terms - k; j++) ofRow[k]! += ofSlice[j * terms + k]! * py[y * terms + j]!;
      }
      for (let x = 0; x < shape[2]; x++) {
        let exponent = 0;
        for (let k = 0; k < terms; k++) exponent += ofRow[k]! * px[x * terms + k]!;
        data[to++] = Math.exp(exponent);
      }
    }
  }
  return { data, shape };
}

function degreeOf(coefficients: number): number {
  let degree = 0;
  while (biasFieldTerms(degree) < coefficients) degree++;
  if (biasFieldTerms(degree) !== coefficients) {
    throw new Error(`biasField: expected 1, 4, 10, 20, 35, ... coefficients, got ${coefficients}`);
  }
  return degree;
}

/** P_0 to P_degree at each of `size` points from -1 to 1, point by point. */
function legendreTable(size: number, degree: number): Float64Array {
  const table = new Float64Array(size * (degree + 1));
  for (let i = 0; i < size; i++) {
    const t = size === 1 ? -1 : -1 + (2 * i) / (size - 1);
    const offset = i * (degree + 1);
    table[offset] = 1;
    if (degree > 0) table[offset + 1] = t;
    for (let n = 2; n <= degree; n++) {
      table[offset + n] = ((2 * n - 1) * t * table[offset + n - 1]! - (n - 1) * table[offset + n - 2]!) / n;
    }
  }
  return table;
}
