import { tf } from "@ensam/core/tensors";

export interface KernelTimes {
  /** Of the whole run. */
  seconds: number;
  /** By kernel, the longest first; "outside kernels" is everything else: the tape, shape checks, reading back. */
  kernels: [name: string, { calls: number; seconds: number }][];
}

type RunKernel = (name: string, ...rest: unknown[]) => unknown;

/** Runs a function once and says how long each TensorFlow.js kernel took. Kernels must be synchronous. */
export async function timeKernels(run: () => unknown): Promise<KernelTimes> {
  const engine = tf.engine() as unknown as { runKernel: RunKernel };
  const original = engine.runKernel;
  const times = new Map<string, { calls: number; seconds: number }>();
  engine.runKernel = function (name, ...rest) {
    const start = performance.now();
    try {
      return original.call(this, name, ...rest);
    } finally {
      const entry = times.get(name) ?? { calls: 0, seconds: 0 };
      entry.calls++;
      entry.seconds += (performance.now() - start) / 1000;
      times.set(name, entry);
    }
  };
  const start = performance.now();
  try {
    await run();
  } finally {
    engine.runKernel = original;
  }
  const seconds = (performance.now() - start) / 1000;
  const inside = [...times.values()].reduce((sum, entry) => sum + entry.seconds, 0);
  times.set("outside kernels", { calls: 0, seconds: seconds - inside });
  return { seconds, kernels: [...times].sort((a, b) => b[1].seconds - a[1].seconds) };
}
