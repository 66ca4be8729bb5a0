import type { GpuBackend, Scratch, TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { register, sizeOf } from "../runtime/register.ts";

/** A stack of matrices in a buffer: the floats from one matrix, row and column to the next. */
export interface Matrices {
  readonly in: TensorInfo | Scratch;
  readonly batchStride: number;
  readonly rowStride: number;
  readonly columnStride: number;
}

/** `c[b, m, n] = scale Σ_k a[b, m, k] b[b, k, n] + addendScale addend[b, m, n]`, with any layout of all four. */
export interface Product {
  readonly a: Matrices;
  readonly b: Matrices;
  readonly c: Matrices;
  readonly batch: number;
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly scale?: number;
  /** Must not be where `c` is. A bias is an addend whose rows are one and the same. */
  readonly addend?: Matrices;
  readonly addendScale?: number;
}

/** Products of each output that a workgroup takes into its memory at once. */
const depth = 16;
/** Workgroups that keep a GPU busy; where there are fewer, the inner axis is split among more. */
const enoughGroups = 256;
const leastInner = 256;

/** Runs a product; the parts of a split inner axis are added in their order. */
export function multiply(backend: GpuBackend, product: Product): void {
  const { a, b, c, batch, rows, inner, columns, scale = 1, addend, addendScale = 1 } = product;
  const size = rows >= 64 && columns >= 64 ? 64 : 32;
  const groups = Math.ceil(rows / size) * Math.ceil(columns / size) * batch;
  const parts = Math.max(1, Math.min(Math.floor(enoughGroups / groups), Math.ceil(inner / leastInner)));
  const perPart = Math.ceil(inner / parts / depth) * depth;
  const program = tiledProgram(size, a.columnStride === 1, b.columnStride === 1);
  const shape = { rows, inner, columns, batch, perPart };
  const strides = {
    ...{ aBatch: a.batchStride, aRow: a.rowStride, aColumn: a.columnStride },
    ...{ bBatch: b.batchStride, bRow: b.rowStride, bColumn: b.columnStride },
  };
  const target = { cBatch: c.batchStride, cRow: c.rowStride, cColumn: c.columnStride };
  const epilogue = {
    scale,
    addendScale: addend === undefined ? 0 : addendScale,
    ...{ dBatch: addend?.batchStride ?? 0, dRow: addend?.rowStride ?? 0, dColumn: addend?.columnStride ?? 0 },
  };
  // The third axis holds the matrices of the stack and the parts of each.
  const grid = [Math.ceil(columns / size), Math.ceil(rows / size), batch * parts] as const;
  if (parts === 1) {
    const buffers = { a: a.in, b: b.in, addend: addend?.in ?? a.in, c: c.in };
    backend.run(program, buffers, { ...shape, ...strides, ...target, ...epilogue, cPart: 0 }, grid);
    return;
  }
  const count = batch * rows * columns;
  backend.borrow(parts * count, (partials) => {
    const contiguous = { cBatch: rows * columns, cRow: columns, cColumn: 1, cPart: count };
    const buffers = { a: a.in, b: b.in, addend: a.in, c: partials };
    const plain = { ...epilogue, scale: 1, addendScale: 0 };
    backend.run(program, buffers, { ...shape, ...strides, ...contiguous, ...plain }, grid);
    const parameters = { ...target, ...epilogue, rows, columns, count, parts };
    backend.run(addParts, { partials, addend: addend?.in ?? partials, c: c.in }, parameters, Math.ceil(count / 64));
  });
}

const programs = new Map<string, Program>();

function tiledProgram(size: number, aIsAlongInner: boolean, bIsAlongColumns: boolean): Program {
  const key = `matMul ${size} ${aIsAlongInner} ${bIsAlongColumns}`;
  let program = programs.get(key);
  if (program === undefined) {
    program = createProgram(key, size, aIsAlongInner, bIsAlongColumns);
    programs.set(key, program);
  }
  return program;
}

/** Each thread has 4 × 4 outputs, `side` apart along both axes. */
function createProgram(key: string, size: number, aIsAlongInner: boolean, bIsAlongColumns: boolean): Program {
  const side = size / 4;
  const threads = side * side;
  const names = ["rows", "inner", "columns", "batch", "perPart", "aBatch", "aRow", "aColumn", "bBatch", "bRow"];
  const more = ["bColumn", "cBatch", "cRow", "cColumn", "cPart", "dBatch", "dRow", "dColumn"];
  const numbers = [...names, ...more].map((name) => [name, "u32"]);
  return {
    key,
    reads: { a: "f32", b: "f32", addend: "f32" },
    writes: { c: "f32" },
    parameters: { ...Object.fromEntries(numbers), scale: "f32", addendScale: "f32" },
    threads,
    declarations: `
      var<workgroup> tileA: array<f32, ${depth * (size + 1)}>;
      var<workgroup> tileB: array<f32, ${depth * (size + 1)}>;`,
    body: `
      let batch = group.z % p.batch;
      let part = group.z / p.batch;
      let column = local % ${side}u;
      let row = local / ${side}u;
      let firstRow = group.y * ${size}u;
      let firstColumn = group.x * ${size}u;
      let start = part * p.perPart;
      let end = min(start + p.perPart, p.inner);
      var sums: array<vec4f, 4>;
      for (var first = start; first < end; first += ${depth}u) {
        for (var i = local; i < ${depth * size}u; i += ${threads}u) {
          ${aIsAlongInner ? `let k = i % ${depth}u; let m = i / ${depth}u;` : `let m = i % ${size}u; let k = i / ${size}u;`}
          var value = 0.0;
          if (firstRow + m < p.rows && first + k < end) {
            value = a[batch * p.aBatch + (firstRow + m) * p.aRow + (first + k) * p.aColumn];
          }
          tileA[k * ${size + 1}u + m] = value;
        }
        for (var i = local; i < ${depth * size}u; i += ${threads}u) {
          ${bIsAlongColumns ? `let n = i % ${size}u; let k = i / ${size}u;` : `let k = i % ${depth}u; let n = i / ${depth}u;`}
          var value = 0.0;
          if (firstColumn + n < p.columns && first + k < end) {
            value = b[batch * p.bBatch + (first + k) * p.bRow + (firstColumn + n) * p.bColumn];
          }
          tileB[k * ${size + 1}u + n] = value;
        }
        workgroupBarrier();
        for (var k = 0u; k < ${depth}u; k++) {
          let atB = k * ${size + 1}u + column;
          let values = vec4f(tileB[atB], tileB[atB + ${side}u], tileB[atB + ${2 * side}u], tileB[atB + ${3 * side}u]);
          let atA = k * ${size + 1}u + row;
          sums[0] += tileA[atA] * values;
          sums[1] += tileA[atA + ${side}u] * values;
          sums[2] += tileA[atA + ${2 * side}u] * values;
          sums[3] += tileA[atA + ${3 * side}u] * values;
        }
        workgroupBarrier();
      }
      for (var i = 0u; i < 4u; i++) {
        let m = firstRow + row + i * ${side}u;
        if (m >= p.rows) { continue; }
        for (var j = 0u; j < 4u; j++) {
          let n = firstColumn + column + j * ${side}u;
          if (n >= p.columns) { continue; }
          var value = sums[i][j] * p.scale;
          if (p.addendScale != 0) {
            value += p.addendScale * addend[batch * p.dBatch + m * p.dRow + n * p.dColumn];
          }
          c[part * p.cPart + batch * p.cBatch + m * p.cRow + n * p.cColumn] = value;
        }
      }`,
  };
}

const addParts: Program = {
  key: "matMul parts",
  reads: { partials: "f32", addend: "f32" },
  writes: { c: "f32" },
  parameters: {
    rows: "u32",
    columns: "u32",
    count: "u32",
    parts: "u32",
    cBatch: "u32",
    cRow: "u32",
    cColumn: "u32",
    dBatch: "u32",
    dRow: "u32",
    dColumn: "u32",
    scale: "f32",
    addendScale: "f32",
  },
  threads: 64,
  body: `
    if (index >= p.count) { return; }
    let n = index % p.columns;
    let m = index / p.columns % p.rows;
    let batch = index / p.columns / p.rows;
    var sum = 0.0;
    for (var part = 0u; part < p.parts; part++) { sum += partials[part * p.count + index]; }
    sum *= p.scale;
    if (p.addendScale != 0) { sum += p.addendScale * addend[batch * p.dBatch + m * p.dRow + n * p.dColumn]; }
    c[batch * p.cBatch + m * p.cRow + n * p.cColumn] = sum;`,
};

/** A matrix or its transpose, without others behind it, as `Matrices`. */
export function matrix(buffer: TensorInfo | Scratch, rowStride: number, columnStride = 1): Matrices {
  return { in: buffer, batchStride: 0, rowStride, columnStride };
}

interface MatMulAttributes {
  transposeA: boolean;
  transposeB: boolean;
}

export function registerMatMul(): void {
  register<MatMulAttributes>("BatchMatMul", (backend, { a, b }, { transposeA, transposeB }) => {
    const [a0, a1] = a!.shape.slice(-2) as [number, number];
    const [b0, b1] = b!.shape.slice(-2) as [number, number];
    const [rows, inner] = transposeA ? [a1, a0] : [a0, a1];
    const columns = transposeB ? b0 : b1;
    // A single matrix on one side goes with every matrix on the other.
    const [stackA, stackB] = [a!.shape.slice(0, -2), b!.shape.slice(0, -2)];
    const stack = sizeOf(stackA) >= sizeOf(stackB) ? stackA : stackB;
    const c = backend.output([...stack, rows, columns]);
    const batch = sizeOf(stack);
    if (batch * rows * columns === 0) return c;
    multiply(backend, {
      a: {
        in: a!,
        batchStride: sizeOf(stackA) === 1 ? 0 : a0 * a1,
        rowStride: transposeA ? 1 : a1,
        columnStride: transposeA ? a1 : 1,
      },
      b: {
        in: b!,
        batchStride: sizeOf(stackB) === 1 ? 0 : b0 * b1,
        rowStride: transposeB ? 1 : b1,
        columnStride: transposeB ? b1 : 1,
      },
      c: { in: c, batchStride: rows * columns, rowStride: columns, columnStride: 1 },
      ...{ batch, rows, inner, columns },
    });
    return c;
  });
}
