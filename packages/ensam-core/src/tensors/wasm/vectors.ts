import type { WasmBackend } from "./backend.ts";
import { floatsPerMicrosecond } from "./channels.ts";

/** Values per task. */
export const perTask = 16384;

/** sum = a x + b y of `n` values; the sum may be one of them. */
export function scaledSum(
  backend: WasmBackend,
  [a, x]: readonly [number, number],
  [b, y]: readonly [number, number],
  sum: number,
  n: number,
): void {
  backend.engine.run({
    kernel: "scaledSum",
    parameters: [x, y, sum, n, perTask, { float: a }, { float: b }],
    tasks: Math.ceil(n / perTask),
    microseconds: (2 * n) / floatsPerMicrosecond,
  });
}

/** Σ x² of `n` values, in double precision. */
export function squaresOf(backend: WasmBackend, x: number, n: number): number {
  const tasks = Math.ceil(n / perTask);
  return backend.borrow(tasks * 8, (sums) => {
    backend.engine.run({
      kernel: "sumSquares",
      parameters: [x, sums, n, perTask],
      tasks,
      microseconds: n / floatsPerMicrosecond,
    });
    return new Float64Array(backend.engine.memory.buffer, sums, tasks).reduce((a, b) => a + b, 0);
  });
}
