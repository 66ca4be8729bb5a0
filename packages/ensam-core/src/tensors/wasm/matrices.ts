import type { TensorInfo } from "../backend/tensorInfo.ts";
import type { WasmBackend } from "./backend.ts";
import { channelSum } from "./channels.ts";
import { blockCount, pack, packed, packedBytes } from "./packing.ts";
import { addPartials, partialBytes } from "./partials.ts";
import { type Kernel, register, sizeOf, stockKernel } from "./register.ts";

/** Multiply-accumulates per microsecond of one thread, roughly: to tell short jobs. */
const macsPerMicrosecond = 15000;

interface Product {
  /** [rows, inner] */
  a: number;
  /** Packed. */
  b: number;
  c: number;
  bias?: number | undefined;
  addend?: number | undefined;
  rows: number;
  inner: number;
  outputs: number;
}

/** c = a b + bias + addend with packed b. */
export function multiplyRows(backend: WasmBackend, p: Product): void {
  runProduct(backend, p, p.rows >= 4096 ? 256 : 32, false);
}

/**
 * c = a b where c [rows, rows] is known to be symmetric, as of x xᵀ: about half is computed, the rest mirrored. Both
 * halves of a whole product have the same bits, since the products of each sum are the same in the same order.
 */
export function multiplySymmetric(backend: WasmBackend, p: Omit<Product, "outputs" | "bias" | "addend">): void {
  runProduct(backend, { ...p, outputs: p.rows }, 16, true);
  backend.engine.run({
    kernel: "mirror",
    parameters: [p.c, p.rows, 32],
    tasks: Math.ceil(p.rows / 32),
    microseconds: (p.rows * p.rows) / 500,
  });
}

function runProduct(backend: WasmBackend, p: Product, perTask: number, isSymmetric: boolean): void {
  backend.engine.run({
    kernel: "multiplyRows",
    parameters: [
      ...[p.a, p.b, p.c, p.bias ?? backend.zeros, p.bias === undefined ? 0 : 1, p.addend ?? 0],
      ...[p.rows, p.inner, p.outputs, perTask, isSymmetric ? 1 : 0],
    ],
    tasks: blockCount(p.outputs) * Math.ceil(p.rows / perTask),
    scratchBytes: 256 + (perTask + 2) * 64,
    microseconds: ((isSymmetric ? 0.5 : 1) * p.rows * p.inner * p.outputs) / macsPerMicrosecond,
  });
}

interface TransposedProduct {
  x: number;
  dy: number;
  rows: number;
  inner: number;
  outputs: number;
  target: number;
  outputStride: number;
  innerStride: number;
}

/** target[o, i] = Σ over rows of x[r, i] dy[r, o]. */
export function multiplyTransposed(backend: WasmBackend, p: TransposedProduct): void {
  const blocks = blockCount(p.outputs);
  const slabs = Math.max(1, Math.min(Math.ceil(p.rows / 512), Math.ceil(32 / blocks)));
  backend.borrow(partialBytes(p.outputs, p.inner, 1, slabs), (partials) => {
    backend.engine.run({
      kernel: "multiplyTransposed",
      parameters: [p.x, p.dy, partials, p.rows, p.inner, p.outputs, slabs],
      tasks: blocks * slabs,
      scratchBytes: 64 * 64 + 256,
      microseconds: (p.rows * p.inner * p.outputs) / macsPerMicrosecond,
    });
    addPartials(backend, { partials, kernel: 1, slabs, ...p });
  });
}

interface MatMulAttributes {
  transposeA: boolean;
  transposeB: boolean;
}

export function registerMatrices(): void {
  const stock = stockKernel("BatchMatMul");
  register<MatMulAttributes>("BatchMatMul", (backend, inputs, attributes) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo };
    const sameBatch =
      a.shape.length === b.shape.length && sizeOf(a.shape.slice(0, -2)) === sizeOf(b.shape.slice(0, -2));
    if (
      a.dtype !== "float32" ||
      b.dtype !== "float32" ||
      !sameBatch ||
      sizeOf(a.shape) === 0 ||
      sizeOf(b.shape) === 0
    ) {
      return stock(backend, inputs, attributes);
    }
    return matMul(backend, a, b, attributes);
  });
  register("EnsamLinear", linear);
  register("EnsamLinearGradient", linearGradient);
}

function matMul(
  backend: WasmBackend,
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: MatMulAttributes,
): TensorInfo {
  const [a0, a1] = a.shape.slice(-2) as [number, number];
  const [b0, b1] = b.shape.slice(-2) as [number, number];
  const [rows, inner] = transposeA ? [a1, a0] : [a0, a1];
  const columns = transposeB ? b0 : b1;
  const batch = sizeOf(a.shape.slice(0, -2));
  const c = backend.output([...a.shape.slice(0, -2), rows, columns]);
  const aAt = backend.address(a);
  const bAt = backend.address(b);
  const packing = {
    outputs: columns,
    outputStride: transposeB ? inner : 1,
    inner,
    innerStride: transposeB ? 1 : columns,
    taps: [0],
    pairs: false,
  };
  for (let i = 0; i < batch; i++) {
    const from = aAt + i * rows * inner * 4;
    const to = c.address + i * rows * columns * 4;
    const other = bAt + i * inner * columns * 4;
    if (transposeA && !transposeB) {
      multiplyTransposed(backend, {
        x: from,
        dy: other,
        rows: inner,
        inner: rows,
        outputs: columns,
        target: to,
        outputStride: 1,
        innerStride: columns,
      });
      continue;
    }
    backend.borrow(packedBytes(packing) + (transposeA ? rows * inner * 4 : 0), (borrowed) => {
      pack(backend, other, borrowed, packing);
      let left = from;
      if (transposeA) {
        left = borrowed + packedBytes(packing);
        transpose(backend, from, left, inner, rows);
      }
      multiplyRows(backend, { a: left, b: borrowed, c: to, rows, inner, outputs: columns });
    });
  }
  return c;
}

/** Writes the transpose of a [rows, columns] matrix. */
export function transpose(backend: WasmBackend, x: number, y: number, rows: number, columns: number): void {
  const perTask = 32;
  backend.engine.run({
    kernel: "transpose",
    parameters: [x, y, rows, columns, perTask],
    tasks: Math.ceil(columns / perTask),
    microseconds: (rows * columns) / 500,
  });
}

const linear: Kernel = (backend, inputs) => {
  const { x, weight, bias } = inputs as { x: TensorInfo; weight: TensorInfo; bias: TensorInfo };
  const [rows, inner] = x.shape as [number, number];
  const outputs = weight.shape[0]!;
  const y = backend.output([rows, outputs]);
  const b = packed(backend, weight, "linear", 0, {
    outputs,
    outputStride: inner,
    inner,
    innerStride: 1,
    taps: [0],
    pairs: false,
  });
  multiplyRows(backend, { a: backend.address(x), b, c: y.address, bias: backend.address(bias), rows, inner, outputs });
  return y;
};

const linearGradient: Kernel = (backend, inputs) => {
  const { dy, x, weight } = inputs as { dy: TensorInfo; x: TensorInfo; weight: TensorInfo };
  const [rows, inner] = x.shape as [number, number];
  const outputs = weight.shape[0]!;
  const dx = backend.output([rows, inner]);
  const dw = backend.output([outputs, inner]);
  const db = backend.output([outputs]);
  const b = packed(backend, weight, "linear back", 0, {
    outputs: inner,
    outputStride: 1,
    inner: outputs,
    innerStride: inner,
    taps: [0],
    pairs: false,
  });
  const dyAt = backend.address(dy);
  multiplyRows(backend, { a: dyAt, b, c: dx.address, rows, inner: outputs, outputs: inner });
  multiplyTransposed(backend, {
    x: backend.address(x),
    dy: dyAt,
    rows,
    inner,
    outputs,
    target: dw.address,
    outputStride: inner,
    innerStride: 1,
  });
  channelSum(backend, dyAt, db.address, rows, outputs);
  return [dx, dw, db];
};
