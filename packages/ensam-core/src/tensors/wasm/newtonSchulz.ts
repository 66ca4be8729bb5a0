import type { NewtonSchulz } from "../ops/orthogonalize.ts";
import type { WasmBackend } from "./backend.ts";
import { multiplyRows, multiplySymmetric, transpose } from "./matrices.ts";
import { pack, packedBytes } from "./packing.ts";
import { scaledSum, squaresOf } from "./vectors.ts";

/**
 * Orthogonalizes a matrix in its place: see `orthogonalize` of the operators. An iteration is three products: `gram = x
 * xᵀ`,
 * `quintic = c gram² + b gram + a`, `x = quintic x`.
 */
export function orthogonalize(
  backend: WasmBackend,
  matrix: number,
  [rows, columns]: readonly [number, number],
  { coefficients: [a, b, c], iterations, epsilon }: NewtonSchulz,
): void {
  const n = rows * columns;
  const isTall = rows > columns;
  const [short, long] = isTall ? [columns, rows] : [rows, columns];
  const square = short * short;
  const scale = 1 / (Math.sqrt(squaresOf(backend, matrix, n)) + epsilon);
  const asTransposed = { outputs: short, outputStride: long, inner: long, innerStride: 1, taps: [0], pairs: false };
  const asGiven = { outputs: long, outputStride: 1, inner: short, innerStride: long, taps: [0], pairs: false };
  const ofSquare = { outputs: short, outputStride: 1, inner: short, innerStride: short, taps: [0], pairs: false };
  const packedMost = Math.max(...[asTransposed, asGiven, ofSquare].map(packedBytes));
  backend.borrow((2 * n + 2 * square) * 4 + packedMost, (memory) => {
    let x = memory;
    let next = x + n * 4;
    const gram = next + n * 4;
    const quintic = gram + square * 4;
    const other = quintic + square * 4;
    if (isTall) {
      transpose(backend, matrix, next, rows, columns);
      scaledSum(backend, [scale, next], [0, next], x, n);
    } else scaledSum(backend, [scale, matrix], [0, matrix], x, n);
    for (let i = 0; i < iterations; i++) {
      pack(backend, x, other, asTransposed);
      multiplySymmetric(backend, { a: x, b: other, c: gram, rows: short, inner: long });
      pack(backend, gram, other, ofSquare);
      multiplySymmetric(backend, { a: gram, b: other, c: quintic, rows: short, inner: short });
      scaledSum(backend, [c, quintic], [b, gram], quintic, square);
      addToDiagonal(backend, quintic, short, a);
      pack(backend, x, other, asGiven);
      multiplyRows(backend, { a: quintic, b: other, c: next, rows: short, inner: short, outputs: long });
      [x, next] = [next, x];
    }
    if (isTall) transpose(backend, x, matrix, columns, rows);
    else scaledSum(backend, [1, x], [0, x], matrix, n);
  });
}

function addToDiagonal(backend: WasmBackend, matrix: number, size: number, value: number): void {
  const values = new Float32Array(backend.engine.memory.buffer, matrix, size * size);
  for (let i = 0; i < size; i++) values[i * (size + 1)]! += value;
}
