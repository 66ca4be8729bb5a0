import { Worker } from "node:worker_threads";
import type { Sample } from "@ensam/core/samples";
import { prepareSample, type SampleRequest } from "./prepareSample.ts";

/** Where samples are prepared. */
export interface SamplePool {
  /** Rejects with an error whose message names the case. */
  prepare(request: SampleRequest): Promise<Sample>;
  close(): Promise<void>;
}

export type WorkerReply = { readonly sample: Sample } | { readonly error: string };

/** A pool without threads: samples are prepared when they are asked for. */
export function inProcessPool(): SamplePool {
  return { prepare: prepareSample, close: async () => undefined };
}

interface Job {
  readonly request: SampleRequest;
  readonly resolve: (sample: Sample) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A pool of worker threads, each preparing one sample at a time in the order of the requests. A thread that dies costs
 * the sample it was preparing and is replaced.
 */
export function openSamplePool(threads: number, execArgv?: string[]): SamplePool {
  if (threads === 0) return inProcessPool();
  const waiting: Job[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job>();
  let closing = false;

  const dispatch = () => {
    while (waiting.length > 0) {
      const worker = idle.pop() ?? (busy.size < threads ? start() : undefined);
      if (worker === undefined) return;
      const job = waiting.shift()!;
      busy.set(worker, job);
      worker.ref();
      worker.postMessage(job.request);
    }
  };

  const start = () => {
    const worker = new Worker(workerFile(), { name: "sample", ...(execArgv && { execArgv }) });
    const finish = (settle: (job: Job) => void) => {
      const job = busy.get(worker);
      busy.delete(worker);
      if (job) settle(job);
    };
    let lastWords = "";
    worker.on("message", (reply: WorkerReply) => {
      finish((job) => ("sample" in reply ? job.resolve(reply.sample) : job.reject(new Error(reply.error))));
      worker.unref();
      idle.push(worker);
      dispatch();
    });
    worker.on("error", (error) => {
      lastWords = `: ${error instanceof Error ? error.message : String(error)}`;
    });
    worker.on("exit", () => {
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
      finish((job) => job.reject(new Error(`${job.request.case}: the sample worker ended${lastWords}`)));
      if (!closing) dispatch();
    });
    return worker;
  };

  return {
    prepare: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject });
        dispatch();
      }),
    close: async () => {
      closing = true;
      for (const job of waiting.splice(0)) job.reject(new Error(`${job.request.case}: not prepared, training ended`));
      await Promise.all([...idle, ...busy.keys()].map((worker) => worker.terminate()));
    },
  };
}

/** Beside this file, compiled or not. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./sampleWorker.${extension}`, import.meta.url);
}
