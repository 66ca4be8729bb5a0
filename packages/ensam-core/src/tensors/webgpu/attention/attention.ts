import type { GpuBackend, Scratch, TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { type Kernel, register } from "../runtime/register.ts";
import { type Matrices, multiply } from "./matMul.ts";
import { rowTotal } from "./tokens.ts";

export function registerAttention(): void {
  register<{ heads: number }>("EnsamAttention", attention);
  register<{ heads: number }>("EnsamAttentionGradient", attentionGradient);
}

/** [tokens, heads * size] as a matrix [tokens, size] for each head, or its transpose. */
function perHead(tokens: TensorInfo, heads: number, isTransposed = false): Matrices {
  const channels = tokens.shape[1]!;
  return {
    in: tokens,
    batchStride: channels / heads,
    rowStride: isTransposed ? 1 : channels,
    columnStride: isTransposed ? channels : 1,
  };
}

/** [heads, queries, keys] as a matrix for each head, or its transpose. */
function scoresOf(buffer: TensorInfo | Scratch, queries: number, keys: number, isTransposed = false): Matrices {
  return {
    in: buffer,
    batchStride: queries * keys,
    rowStride: isTransposed ? 1 : keys,
    columnStride: isTransposed ? keys : 1,
  };
}

const attention: Kernel<{ heads: number }> = (backend, inputs, { heads }) => {
  const { q, k, v } = inputs as Record<"q" | "k" | "v", TensorInfo>;
  const [queries, channels] = q.shape as [number, number];
  const keys = k.shape[0]!;
  const size = channels / heads;
  const y = backend.output(q.shape);
  const weights = backend.output([heads, queries, keys]);
  const scores = scoresOf(weights, queries, keys);
  multiply(backend, {
    ...{ a: perHead(q, heads), b: perHead(k, heads, true), c: scores },
    ...{ batch: heads, rows: queries, inner: size, columns: keys, scale: Math.sqrt(size) },
  });
  backend.run(softmax, { x: weights }, { rows: heads * queries, columns: keys }, heads * queries);
  multiply(backend, {
    ...{ a: scores, b: perHead(v, heads), c: perHead(y, heads) },
    ...{ batch: heads, rows: queries, inner: keys, columns: size },
  });
  return [y, weights];
};

const attentionGradient: Kernel<{ heads: number }> = (backend, inputs, { heads }) => {
  const { dy, q, k, v, weights } = inputs as Record<"dy" | "q" | "k" | "v" | "weights", TensorInfo>;
  const [queries, channels] = q.shape as [number, number];
  const keys = k.shape[0]!;
  const size = channels / heads;
  const scale = Math.sqrt(size);
  const dq = backend.output(q.shape);
  const dk = backend.output(k.shape);
  const dv = backend.output(k.shape);
  multiply(backend, {
    ...{ a: scoresOf(weights, queries, keys, true), b: perHead(dy, heads), c: perHead(dv, heads) },
    ...{ batch: heads, rows: keys, inner: queries, columns: size },
  });
  backend.borrow(heads * queries * keys, (dScores) => {
    const scores = scoresOf(dScores, queries, keys);
    multiply(backend, {
      ...{ a: perHead(dy, heads), b: perHead(v, heads, true), c: scores },
      ...{ batch: heads, rows: queries, inner: size, columns: keys },
    });
    softmaxBack(backend, weights, dScores, heads * queries, keys);
    multiply(backend, {
      ...{ a: scores, b: perHead(k, heads), c: perHead(dq, heads) },
      ...{ batch: heads, rows: queries, inner: keys, columns: size, scale },
    });
    multiply(backend, {
      ...{ a: scoresOf(dScores, queries, keys, true), b: perHead(q, heads), c: perHead(dk, heads) },
      ...{ batch: heads, rows: keys, inner: queries, columns: size, scale },
    });
  });
  return [dq, dk, dv];
};

function softmaxBack(backend: GpuBackend, y: TensorInfo, dx: Scratch, rows: number, columns: number): void {
  backend.run(softmaxGradient, { y, dx }, { rows, columns }, rows);
}

/** Softmax of each row, in place. */
const softmax: Program = {
  key: "softmax",
  reads: {},
  writes: { x: "f32" },
  parameters: { rows: "u32", columns: "u32" },
  threads: 64,
  declarations: `${rowTotal}
    fn rowLargest(value: f32, local: u32) -> f32 {
      workgroupBarrier();
      shared_[local] = value;
      workgroupBarrier();
      for (var half = 32u; half > 0u; half /= 2u) {
        if (local < half) { shared_[local] = max(shared_[local], shared_[local + half]); }
        workgroupBarrier();
      }
      return shared_[0];
    }`,
  body: `
    let row = group.y * groups.x + group.x;
    if (row >= p.rows) { return; }
    let first = row * p.columns;
    var largest = -3.4e38;
    for (var i = local; i < p.columns; i += 64u) { largest = max(largest, x[first + i]); }
    largest = rowLargest(largest, local);
    var sum = 0.0;
    for (var i = local; i < p.columns; i += 64u) {
      let value = exp(x[first + i] - largest);
      x[first + i] = value;
      sum += value;
    }
    sum = total(sum, local);
    for (var i = local; i < p.columns; i += 64u) { x[first + i] /= sum; }`,
};

/** `dx = y (dy - Σ y dy)` for each row; `dx` holds dy before. */
const softmaxGradient: Program = {
  key: "softmaxGradient",
  reads: { y: "f32" },
  writes: { dx: "f32" },
  parameters: { rows: "u32", columns: "u32" },
  threads: 64,
  declarations: rowTotal,
  body: `
    let row = group.y * groups.x + group.x;
    if (row >= p.rows) { return; }
    let first = row * p.columns;
    var sum = 0.0;
    for (var i = local; i < p.columns; i += 64u) { sum += y[first + i] * dx[first + i]; }
    sum = total(sum, local);
    for (var i = local; i < p.columns; i += 64u) { dx[first + i] = y[first + i] * (dx[first + i] - sum); }`,
};
