import { tf } from "../../tf.ts";
import type { GpuBackend } from "../runtime/backend.ts";

/**
 * How many dispatches a function asks the GPU for, by our kernels and by the stock ones. Ours are counted but not run:
 * what they would write stays as it is.
 */
export function countDispatches<Result>(work: () => Result): { result: Result; dispatches: number } {
  const backend = tf.backend() as GpuBackend & Record<"runWebGPUProgram", (...given: unknown[]) => unknown>;
  const { run, runWebGPUProgram } = backend;
  let dispatches = 0;
  backend.run = () => {
    dispatches++;
  };
  backend.runWebGPUProgram = (...given) => {
    dispatches++;
    return runWebGPUProgram.apply(backend, given);
  };
  try {
    return { result: work(), dispatches };
  } finally {
    backend.run = run;
    backend.runWebGPUProgram = runWebGPUProgram;
  }
}
