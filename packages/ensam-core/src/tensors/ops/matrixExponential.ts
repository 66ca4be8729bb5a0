/**
 * The exponential of small dense matrices in float64, with its derivative: scaling and squaring around a Taylor
 * polynomial of degree 12. The derivative in a direction E is carried along by the product rule, `(AB)' = A' B + A B'`,
 * which computes the upper right block of `exp([[A, E], [0, A]])` without ever forming the large matrix.
 *
 * Matrices are row-major [size, size]. Results are overwritten by the next call.
 */
export interface MatrixExponential {
  /** exp(matrix). */
  of(matrix: Float64Array): Float64Array;
  /** d exp(matrix + h direction) / dh at h = 0. */
  derivative(matrix: Float64Array, direction: Float64Array): Float64Array;
}

/** A matrix and, while a derivative is wanted, its rate of change. */
interface Moving {
  readonly value: Float64Array;
  readonly rate: Float64Array;
}

/**
 * Scaled matrices have at most this spectral norm; the polynomial then misses the exponential by 0.5^13 / 13! = 2e-14.
 */
const scaledNorm = 0.5;
const degree = 12;
const coefficients = Array.from({ length: degree + 1 }, (_, n) => 1 / factorial(n));

/** An exponential with its working memory, for matrices of one size. */
export function matrixExponential(size: number): MatrixExponential {
  const cells = size * size;
  const matrix = (): Moving => ({ value: new Float64Array(cells), rate: new Float64Array(cells) });
  const [x, x2, x3, x4] = [matrix(), matrix(), matrix(), matrix()];
  let [result, spare] = [matrix(), matrix()];

  function compute(input: Float64Array, direction: Float64Array | undefined): Moving {
    const squarings = Math.max(0, Math.ceil(Math.log2(spectralBound(input) / scaledNorm)));
    const scale = 2 ** -squarings;
    for (let i = 0; i < cells; i++) x.value[i] = input[i]! * scale;
    if (direction !== undefined) for (let i = 0; i < cells; i++) x.rate[i] = direction[i]! * scale;
    const times = (out: Moving, a: Moving, b: Moving): void => {
      productInto(out.value, a.value, b.value, size, false);
      if (direction === undefined) return;
      productInto(out.rate, a.value, b.rate, size, false);
      productInto(out.rate, a.rate, b.value, size, true);
    };

    times(x2, x, x);
    times(x3, x2, x);
    times(x4, x2, x2);
    // Horner in x⁴: B0 + x⁴ (B1 + x⁴ (B2 + x⁴ c12)), each B a cubic.
    result.value.fill(0);
    result.rate.fill(0);
    addScaled(result, x4, coefficients[12]!);
    for (let block = 2; block >= 0; block--) {
      if (block < 2) {
        times(spare, x4, result);
        [result, spare] = [spare, result];
      }
      addIdentity(result, coefficients[4 * block]!, size);
      addScaled(result, x, coefficients[4 * block + 1]!);
      addScaled(result, x2, coefficients[4 * block + 2]!);
      addScaled(result, x3, coefficients[4 * block + 3]!);
    }
    for (let i = 0; i < squarings; i++) {
      times(spare, result, result);
      [result, spare] = [spare, result];
    }
    return result;
  }

  return {
    of: (input) => compute(input, undefined).value,
    derivative: (input, direction) => compute(input, direction).rate,
  };
}

/** A bound of the largest singular value: the Frobenius norm, or the smaller √(‖A‖₁ ‖A‖∞). */
function spectralBound(matrix: Float64Array): number {
  const size = Math.sqrt(matrix.length);
  const rows = new Float64Array(size);
  const columns = new Float64Array(size);
  let squares = 0;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const entry = Math.abs(matrix[i * size + j]!);
      rows[i]! += entry;
      columns[j]! += entry;
      squares += entry * entry;
    }
  }
  return Math.min(Math.sqrt(squares), Math.sqrt(Math.max(...rows) * Math.max(...columns)));
}

function productInto(out: Float64Array, a: Float64Array, b: Float64Array, size: number, isAdded: boolean): void {
  if (!isAdded) out.fill(0);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let k = 0; k < size; k++) {
      const factor = a[row + k]!;
      const from = k * size;
      for (let j = 0; j < size; j++) out[row + j]! += factor * b[from + j]!;
    }
  }
}

function addScaled(out: Moving, term: Moving, factor: number): void {
  for (let i = 0; i < out.value.length; i++) {
    out.value[i]! += factor * term.value[i]!;
    out.rate[i]! += factor * term.rate[i]!;
  }
}

function addIdentity(out: Moving, factor: number, size: number): void {
  for (let i = 0; i < size; i++) out.value[i * (size + 1)]! += factor;
}

function factorial(n: number): number {
  return n <= 1 ? 1 : n * factorial(n - 1);
}
