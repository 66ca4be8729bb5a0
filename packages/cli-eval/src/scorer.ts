import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { openWorkerPool } from "@ensam/core/threads";
import { type ScoredCase, type ScoreRequest, scoreCase } from "./scoreCase.ts";

/** Where cases are scored: in this thread, or in others beside it. */
export interface Scorer {
  score(request: ScoreRequest): Promise<ScoredCase>;
  close(): Promise<void>;
}

const workerFile = new URL("./scoreWorker.js", import.meta.url);

/**
 * Returns a scorer that works on `jobs` cases at once. A single case needs no thread, and from TypeScript sources there
 * is no worker to start (Node 20 cannot run them): then cases are scored in this thread, one after another.
 */
export function openScorer(jobs: number, file = workerFile): Scorer {
  if (jobs === 1 || !existsSync(fileURLToPath(file))) return { score: scoreCase, close: async () => {} };
  const pool = openWorkerPool<ScoreRequest, ScoredCase>(file, jobs, { name: "score" });
  return { score: pool.ask, close: pool.close };
}
