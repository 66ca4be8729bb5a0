import type { WasmBackend } from "./backend.ts";
import { register, sizeOf } from "./register.ts";

// The table of the normal distribution that assembly/gelu.ts interpolates.
const limit = 8;
const stepsPerUnit = 64;

const tables = new WeakMap<WasmBackend, number>();

export function registerChannelRmsGelu(): void {
  register("EnsamChannelRmsGelu", (backend, { x }) => {
    const channels = x!.shape.at(-1)!;
    const voxels = sizeOf(x!.shape) / channels;
    const perTask = Math.max(1, Math.floor(8192 / channels));
    const xAt = backend.address(x!);
    const y = backend.output(x!.shape);
    backend.engine.run({
      kernel: "rmsGelu",
      parameters: [xAt, y.address, tableOf(backend), voxels, channels, perTask],
      tasks: Math.ceil(voxels / perTask),
      microseconds: sizeOf(x!.shape) / 100,
    });
    return y;
  });
  register("EnsamChannelRmsGeluGradient", (backend, { dy, x }) => {
    const channels = x!.shape.at(-1)!;
    const voxels = sizeOf(x!.shape) / channels;
    const perTask = Math.max(1, Math.floor(8192 / channels));
    const addresses = [backend.address(dy!), backend.address(x!)];
    const dx = backend.output(x!.shape);
    backend.engine.run({
      kernel: "rmsGeluBack",
      parameters: [...addresses, dx.address, tableOf(backend), voxels, channels, perTask],
      tasks: Math.ceil(voxels / perTask),
      microseconds: sizeOf(x!.shape) / 60,
    });
    return dx;
  });
}

function tableOf(backend: WasmBackend): number {
  let address = tables.get(backend);
  if (address === undefined) {
    const steps = 2 * limit * stepsPerUnit;
    address = backend.engine.heap.allocate((steps + 1) * 16);
    const table = new Float64Array(backend.engine.memory.buffer, address, (steps + 1) * 2);
    for (let i = 0; i <= steps; i++) {
      const u = i / stepsPerUnit - limit;
      table[2 * i] = cumulative(u);
      table[2 * i + 1] = density(u) / stepsPerUnit;
    }
    tables.set(backend, address);
  }
  return address;
}

function density(u: number): number {
  return Math.exp((-u * u) / 2) / Math.sqrt(2 * Math.PI);
}

/** The normal distribution: near zero φ(u) Σ u^(2n+1) / (2n+1)!!, in the tails φ(u) / (u + 1/(u + 2/(u + 3/...))). */
function cumulative(u: number): number {
  const a = Math.abs(u);
  if (a < 3) {
    let term = u;
    let sum = u;
    for (let n = 3; Math.abs(term) > 1e-17 * Math.abs(sum); n += 2) {
      term *= (u * u) / n;
      sum += term;
    }
    return 0.5 + density(u) * sum;
  }
  let fraction = a;
  for (let n = 200; n > 0; n--) fraction = a + n / fraction;
  const tail = density(a) / fraction;
  return u < 0 ? tail : 1 - tail;
}
