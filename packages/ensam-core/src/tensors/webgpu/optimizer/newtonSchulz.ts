import type { NewtonSchulz } from "../../ops/orthogonalize.ts";
import { type Matrices, multiply } from "../attention/matMul.ts";
import { rowTotal } from "../attention/tokens.ts";
import type { GpuBackend, Scratch } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { addSquares, slabsOf } from "./globalNorm.ts";

/** Values that a workgroup divides by their matrix's norm. */
const perGroup = 1024;

/**
 * Orthogonalizes a stack of matrices [batch, rows, columns], each by itself. An iteration is three products, of which
 * the last two also add what is theirs: `gram = x xᵀ`, `quintic = c gram² + b gram`, `x = quintic x + a x`. A tall
 * matrix is read and written as its transpose.
 *
 * @param stack  the matrices; written over
 * @param other  memory of the same size
 * @returns      whichever of both has the result
 */
export function orthogonalize(
  backend: GpuBackend,
  [batch, rows, columns]: readonly [number, number, number],
  stack: Scratch,
  other: Scratch,
  { coefficients: [a, b, c], iterations, epsilon }: NewtonSchulz,
): Scratch {
  const count = rows * columns;
  const { slabs } = slabsOf(count);
  backend.borrow(batch * slabs, (partials) => {
    addSquares(backend, stack, { count, batch, partials, first: 0 });
    const parameters = { count, slabs, epsilon };
    backend.run(normalize, { x: stack, partials, y: other }, parameters, [Math.ceil(count / perGroup), batch]);
  });

  const [short, long] = rows > columns ? [columns, rows] : [rows, columns];
  const strides = rows > columns ? { rowStride: 1, columnStride: columns } : { rowStride: columns, columnStride: 1 };
  const wide = (buffer: Scratch): Matrices => ({ in: buffer, batchStride: count, ...strides });
  const square = (buffer: Scratch): Matrices => ({
    ...{ in: buffer, batchStride: short * short, rowStride: short, columnStride: 1 },
  });
  const shape = { batch, rows: short };
  let [x, next] = [other, stack];
  backend.borrow(batch * short * short, (gramBuffer) => {
    backend.borrow(batch * short * short, (quinticBuffer) => {
      const [gram, quintic] = [square(gramBuffer), square(quinticBuffer)];
      for (let i = 0; i < iterations; i++) {
        const [from, to] = [wide(x), wide(next)];
        multiply(backend, { ...shape, inner: long, columns: short, a: from, b: transposed(from), c: gram });
        multiply(backend, {
          ...{ ...shape, inner: short, columns: short, a: gram, b: gram, c: quintic },
          ...{ scale: c, addend: gram, addendScale: b },
        });
        multiply(backend, {
          ...{ ...shape, inner: short, columns: long, a: quintic, b: from, c: to },
          ...{ addend: from, addendScale: a },
        });
        [x, next] = [next, x];
      }
    });
  });
  return x;
}

function transposed(matrices: Matrices): Matrices {
  return { ...matrices, rowStride: matrices.columnStride, columnStride: matrices.rowStride };
}

/** Every workgroup adds up all of its matrix's sums of squares, in the same order as the others. */
const normalize: Program = {
  key: "normalizeMatrices",
  reads: { x: "f32", partials: "f32" },
  writes: { y: "f32" },
  parameters: { count: "u32", slabs: "u32", epsilon: "f32" },
  threads: 64,
  declarations: rowTotal,
  body: `
    var sum = 0.0;
    for (var i = local; i < p.slabs; i += 64u) { sum += partials[group.y * p.slabs + i]; }
    let size = sqrt(total(sum, local)) + p.epsilon;
    let end = min((group.x + 1u) * ${perGroup}u, p.count);
    for (var i = group.x * ${perGroup}u + local; i < end; i += 64u) {
      y[group.y * p.count + i] = x[group.y * p.count + i] / size;
    }`,
};
