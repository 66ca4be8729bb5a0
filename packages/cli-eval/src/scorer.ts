import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { type ScoredCase, type ScoreRequest, scoreCase } from "./scoreCase.ts";

/** Where cases are scored: in this thread, or in others beside it. */
export interface Scorer {
  score(request: ScoreRequest): Promise<ScoredCase>;
  close(): Promise<void>;
}

export type ScorerReply = ScoredCase | { readonly error: string };

const workerFile = new URL("./scoreWorker.js", import.meta.url);

/**
 * Returns a scorer that works on `jobs` cases at once. A single case needs no thread, and from TypeScript sources there
 * is no worker to start (Node 20 cannot run them): then cases are scored in this thread, one after another.
 */
export function openScorer(jobs: number, file = workerFile): Scorer {
  if (jobs === 1 || !existsSync(fileURLToPath(file))) return { score: scoreCase, close: async () => {} };
  const idle = new Set<Worker>();
  const all = new Set<Worker>();

  const start = (): Worker => {
    const worker = new Worker(file, { name: "score" });
    all.add(worker);
    // A thread may end while it has nothing to do, too: it is not asked again, and what it died of is nobody's case.
    worker.on("error", () => undefined);
    worker.on("exit", () => {
      idle.delete(worker);
      all.delete(worker);
    });
    return worker;
  };
  const take = (): Worker => {
    const [worker] = idle;
    if (worker === undefined) return start();
    idle.delete(worker);
    return worker;
  };
  return {
    async score(request) {
      const worker = take();
      const reply = await ask(worker, request);
      idle.add(worker);
      if ("error" in reply) throw new Error(reply.error);
      return reply;
    },
    async close() {
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

/** Sends a request and waits for the answer; a thread that ends instead (out of memory, say) is an error of this case. */
function ask(worker: Worker, request: ScoreRequest): Promise<ScorerReply> {
  return new Promise((resolve, reject) => {
    const onMessage = (reply: ScorerReply) => settle(() => resolve(reply));
    const onError = (error: unknown) => settle(() => reject(error));
    const onExit = (code: number) => onError(new Error(`the scoring thread ended with code ${code}`));
    const settle = (then: () => void) => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      then();
    };
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(request);
  });
}
