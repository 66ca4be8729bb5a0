import type { TensorInfo } from "../backend/tensorInfo.ts";
import type { WasmBackend } from "./backend.ts";
import { type Kernel, register } from "./register.ts";

/** Multiply-accumulates per microsecond of one thread in the kernels for tokens, roughly: to tell short jobs. */
const macsPerMicrosecond = 2000;

export function registerTokens(): void {
  register("EnsamUnit", unit);
  register("EnsamUnitGradient", unitGradient);
  register("EnsamStepOnSphere", stepOnSphere);
  register("EnsamStepOnSphereGradient", stepOnSphereGradient);
  register<{ heads: number }>("EnsamScaleRotate", scaleRotate);
  register<{ heads: number }>("EnsamScaleRotateGradient", scaleRotateGradient);
  register<{ heads: number }>("EnsamAttention", attention);
  register<{ heads: number }>("EnsamAttentionGradient", attentionGradient);
}

/** Rows for a task of about 8192 multiply-accumulates: by the size alone, because some tasks leave partial sums. */
function rowsPerTask(macsPerRow: number): number {
  return Math.max(1, Math.ceil(8192 / macsPerRow));
}

/** Adds partial sums [tasks][n] in doubles, in their order. */
function addDoubles(backend: WasmBackend, partials: number, tasks: number, n: number, target: number): void {
  backend.engine.run({ kernel: "addDoubles", parameters: [partials, tasks, n, target], tasks: 1 });
}

const unit: Kernel = (backend, { x }) => {
  const [rows, channels] = x!.shape as [number, number];
  const xAt = backend.address(x!);
  const y = backend.output(x!.shape);
  const perTask = rowsPerTask(channels);
  const microseconds = (rows * channels) / macsPerMicrosecond;
  backend.engine.run({
    kernel: "unit",
    parameters: [xAt, y.address, rows, channels, perTask],
    tasks: Math.ceil(rows / perTask),
    microseconds,
  });
  return y;
};

const unitGradient: Kernel = (backend, { dy, x }) => {
  const [rows, channels] = x!.shape as [number, number];
  const addresses = [backend.address(dy!), backend.address(x!)];
  const dx = backend.output(x!.shape);
  const perTask = rowsPerTask(channels);
  backend.engine.run({
    kernel: "unitGradient",
    parameters: [...addresses, dx.address, rows, channels, perTask],
    tasks: Math.ceil(rows / perTask),
    scratchBytes: channels * 4 + 64,
    microseconds: (2 * rows * channels) / macsPerMicrosecond,
  });
  return dx;
};

const stepOnSphere: Kernel = (backend, { state, proposal, rate }) => {
  const [rows, channels] = state!.shape as [number, number];
  const addresses = [state, proposal, rate].map((tensor) => backend.address(tensor!));
  const y = backend.output(state!.shape);
  const perTask = rowsPerTask(channels);
  backend.engine.run({
    kernel: "stepOnSphere",
    parameters: [...addresses, y.address, rows, channels, perTask],
    tasks: Math.ceil(rows / perTask),
    scratchBytes: channels * 8 + 64,
    microseconds: (4 * rows * channels) / macsPerMicrosecond,
  });
  return y;
};

const stepOnSphereGradient: Kernel = (backend, { dy, state, proposal, rate }) => {
  const [rows, channels] = state!.shape as [number, number];
  const addresses = [dy, state, proposal, rate].map((tensor) => backend.address(tensor!));
  const dState = backend.output(state!.shape);
  const dProposal = backend.output(state!.shape);
  const dRate = backend.output([channels]);
  const perTask = rowsPerTask(channels);
  const tasks = Math.ceil(rows / perTask);
  backend.borrow(tasks * channels * 8, (partials) => {
    backend.engine.run({
      kernel: "stepOnSphereGradient",
      parameters: [...addresses, dState.address, dProposal.address, partials, rows, channels, perTask],
      tasks,
      scratchBytes: channels * 16 + 64,
      microseconds: (8 * rows * channels) / macsPerMicrosecond,
    });
    addDoubles(backend, partials, tasks, channels, dRate.address);
  });
  return [dState, dProposal, dRate];
};

const scaleRotate: Kernel<{ heads: number }> = (backend, { x, scale, rotations }, { heads }) => {
  const [rows, channels] = x!.shape as [number, number];
  const size = channels / heads;
  const addresses = [x, scale, rotations].map((tensor) => backend.address(tensor!));
  const y = backend.output(x!.shape);
  const perTask = rowsPerTask(channels * size);
  backend.engine.run({
    kernel: "scaleRotate",
    parameters: [...addresses, y.address, rows, heads, size, perTask],
    tasks: Math.ceil(rows / perTask),
    scratchBytes: size * 4 + 64,
    microseconds: (rows * channels * size) / macsPerMicrosecond,
  });
  return y;
};

const scaleRotateGradient: Kernel<{ heads: number }> = (backend, { dy, x, scale, rotations }, { heads }) => {
  const [rows, channels] = x!.shape as [number, number];
  const size = channels / heads;
  const addresses = [dy, x, scale, rotations].map((tensor) => backend.address(tensor!));
  const dx = backend.output(x!.shape);
  const dScale = backend.output([channels]);
  const dRotations = backend.output(rotations!.shape);
  const perTask = rowsPerTask(channels * size);
  const tasks = Math.ceil(rows / perTask);
  backend.borrow(tasks * channels * 8, (partials) => {
    backend.engine.run({
      kernel: "scaleRotateGradient",
      parameters: [...addresses, dx.address, partials, dRotations.address, rows, heads, size, perTask],
      tasks,
      scratchBytes: size * 12 + 64,
      microseconds: (2 * rows * channels * size) / macsPerMicrosecond,
    });
    addDoubles(backend, partials, tasks, channels, dScale.address);
  });
  return [dx, dScale, dRotations];
};

/** (head, token) pairs of a task that each look at `others` tokens. */
function pairsPerTask(others: number, size: number): number {
  return Math.max(1, Math.ceil(16384 / (others * size)));
}

const attention: Kernel<{ heads: number }> = (backend, inputs, { heads }) => {
  const { q, k, v } = inputs as { q: TensorInfo; k: TensorInfo; v: TensorInfo };
  const [queries, channels] = q.shape as [number, number];
  const keys = k.shape[0]!;
  const size = channels / heads;
  const addresses = [q, k, v].map((tensor) => backend.address(tensor));
  const y = backend.output(q.shape);
  const weights = backend.output([heads, queries, keys]);
  const perTask = pairsPerTask(keys, size);
  backend.engine.run({
    kernel: "attention",
    parameters: [...addresses, y.address, weights.address, queries, keys, heads, size, perTask],
    tasks: Math.ceil((queries * heads) / perTask),
    microseconds: (2 * queries * keys * channels) / macsPerMicrosecond,
  });
  return [y, weights];
};

const attentionGradient: Kernel<{ heads: number }> = (backend, inputs, { heads }) => {
  const { q, k } = inputs as { q: TensorInfo; k: TensorInfo };
  const [queries, channels] = q.shape as [number, number];
  const keys = k.shape[0]!;
  const size = channels / heads;
  const [dyAt, qAt, kAt, vAt, weightsAt] = (["dy", "q", "k", "v", "weights"] as const).map((name) =>
    backend.address(inputs[name]!),
  ) as [number, number, number, number, number];
  const dq = backend.output(q.shape);
  const dk = backend.output(k.shape);
  const dv = backend.output(k.shape);
  const microseconds = (2 * queries * keys * channels) / macsPerMicrosecond;
  backend.borrow(heads * queries * keys * 4, (dScores) => {
    let perTask = pairsPerTask(keys, size);
    backend.engine.run({
      kernel: "attentionQueries",
      parameters: [dyAt, kAt, vAt, weightsAt, dScores, dq.address, queries, keys, heads, size, perTask],
      tasks: Math.ceil((queries * heads) / perTask),
      microseconds,
    });
    perTask = pairsPerTask(queries, size);
    backend.engine.run({
      kernel: "attentionKeys",
      parameters: [dyAt, qAt, weightsAt, dScores, dk.address, dv.address, queries, keys, heads, size, perTask],
      tasks: Math.ceil((keys * heads) / perTask),
      microseconds,
    });
  });
  return [dq, dk, dv];
};
