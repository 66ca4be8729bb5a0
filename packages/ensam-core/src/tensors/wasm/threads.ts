import { Worker } from "node:worker_threads";
import { words } from "./jobs.ts";

export interface ThreadParts {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly kernelNames: readonly string[];
  readonly control: number;
}

/**
 * Starts threads that wait for jobs; resolves when all of them listen, rejects when one ends before. They do not keep
 * the process alive.
 *
 * @param count  threads besides the caller's
 */
export async function startThreads(count: number, parts: ThreadParts): Promise<() => Promise<void>> {
  const script = new URL("../../../workers/kernel-worker.mjs", import.meta.url);
  const workers = Array.from({ length: count }, (_, i) => {
    const { module, memory, control, kernelNames } = parts;
    return new Worker(script, {
      workerData: { module, memory, control, kernels: kernelNames, index: i + 1, words },
      execArgv: [],
    });
  });
  await Promise.all(
    workers.map(
      (worker) =>
        new Promise<void>((resolve, reject) => {
          worker.once("message", () => resolve());
          worker.once("error", reject);
          worker.once("exit", (code) => reject(new Error(`wasm: expected a kernel thread to start, got exit ${code}`)));
        }),
    ),
  );
  for (const worker of workers) worker.unref();
  return async () => {
    await Promise.all(workers.map((worker) => worker.terminate()));
  };
}
