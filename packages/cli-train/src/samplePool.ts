import type { Sample } from "@ensam/core/samples";
import { openWorkerPool } from "@ensam/core/threads";
import { prepareSample, type SampleRequest } from "./prepareSample.ts";

/** Where samples are prepared. */
export interface SamplePool {
  /** Rejects with an error whose message names the case. */
  prepare(request: SampleRequest): Promise<Sample>;
  close(): Promise<void>;
}

/** A pool without threads: samples are prepared when they are asked for. */
export function inProcessPool(): SamplePool {
  return { prepare: prepareSample, close: async () => undefined };
}

/** A pool of so many threads, each preparing one sample at a time; without any, `inProcessPool`. */
export function openSamplePool(threads: number, execArgv?: readonly string[]): SamplePool {
  if (threads === 0) return inProcessPool();
  // Beside this file, compiled or not.
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  const pool = openWorkerPool<SampleRequest, Sample>(new URL(`./sampleWorker.${extension}`, import.meta.url), threads, {
    name: "sample",
    nameOf: (request) => request.case,
    ...(execArgv && { execArgv }),
  });
  return { prepare: pool.ask, close: pool.close };
}
