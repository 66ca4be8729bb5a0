import { Worker } from "node:worker_threads";
import type { Reply } from "./serveRequests.ts";

/** Threads that answer requests. */
export interface WorkerPool<Request, Answer> {
  /** Rejects with the text of the thread's error, or says that the thread ended. */
  ask(request: Request): Promise<Answer>;
  /** Ends all threads; what was not answered is rejected. */
  close(): Promise<void>;
}

export interface PoolOptions<Request> {
  /** Of the threads, in messages. */
  readonly name: string;
  /** Called so in the pool's own errors. */
  readonly nameOf?: (request: Request) => string;
  readonly execArgv?: readonly string[];
}

interface Job<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A pool of worker threads, each answering one request at a time in the order of the requests; its file calls
 * `serveRequests`. Threads start when they are first needed and do not keep the process alive while they are idle. One
 * that ends costs the request it was busy with and is replaced.
 */
export function openWorkerPool<Request, Answer>(
  file: URL,
  threads: number,
  { name, nameOf, execArgv }: PoolOptions<Request>,
): WorkerPool<Request, Answer> {
  const waiting: Job<Request, Answer>[] = [];
  const idle: Worker[] = [];
  const busy = new Map<Worker, Job<Request, Answer>>();
  let closing = false;

  const fail = ({ request, reject }: Job<Request, Answer>, words: string) =>
    reject(new Error(nameOf === undefined ? words : `${nameOf(request)}: ${words}`));

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
    const worker = new Worker(file, { name, ...(execArgv && { execArgv: [...execArgv] }) });
    const finish = (settle: (job: Job<Request, Answer>) => void) => {
      const job = busy.get(worker);
      busy.delete(worker);
      if (job) settle(job);
    };
    let lastWords = "";
    worker.on("message", (reply: Reply<Answer>) => {
      finish(({ resolve, reject }) => ("error" in reply ? reject(new Error(reply.error)) : resolve(reply.answer)));
      worker.unref();
      idle.push(worker);
      dispatch();
    });
    worker.on("error", (error) => {
      lastWords = `: ${error instanceof Error ? error.message : String(error)}`;
    });
    worker.on("exit", () => {
      if (idle.includes(worker)) idle.splice(idle.indexOf(worker), 1);
      finish((job) => fail(job, `the ${name} worker ended${lastWords}`));
      if (!closing) dispatch();
    });
    return worker;
  };

  return {
    ask: (request) =>
      new Promise((resolve, reject) => {
        waiting.push({ request, resolve, reject });
        dispatch();
      }),
    async close() {
      closing = true;
      for (const job of waiting.splice(0)) fail(job, `the ${name} workers were closed before it was done`);
      await Promise.all([...idle, ...busy.keys()].map((worker) => worker.terminate()));
    },
  };
}
