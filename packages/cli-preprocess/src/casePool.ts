import { Worker } from "node:worker_threads";
import { CommandError } from "@ensam/core/command";
import { type CaseTask, type ResultOf, runTask } from "./caseTasks.ts";

/** Where cases are worked on. */
export interface CasePool {
  run<Task extends CaseTask>(task: Task): Promise<ResultOf<Task>>;
  close(): Promise<void>;
}

export type CaseReply =
  | { readonly result: unknown }
  | { readonly error: { readonly message: string; readonly exitCode: number; readonly code: string | undefined } };

/**
 * Works on cases in as many threads, one case each at a time, so that they are read, scaled and packed at once; in this
 * thread where there is one only. As sources (not built) it needs `execArgv` that let a thread load TypeScript, and
 * stays in this thread without.
 */
export function openCasePool(threads: number, execArgv?: string[]): CasePool {
  const isSource = import.meta.url.endsWith(".ts");
  if (threads <= 1 || (isSource && execArgv === undefined)) return { run: runTask, close: async () => undefined };
  const file = new URL(`./caseThread.${isSource ? "ts" : "js"}`, import.meta.url);
  const idle: Worker[] = [];
  const all = new Set<Worker>();
  const waiting: ((worker: Worker) => void)[] = [];

  const start = (): Worker => {
    const worker = new Worker(file, { name: "case", ...(execArgv && { execArgv }) });
    all.add(worker);
    return worker;
  };
  const giveBack = (worker: Worker): void => {
    const next = waiting.shift();
    if (next) next(worker);
    else idle.push(worker);
  };
  const take = async (): Promise<Worker> =>
    idle.pop() ?? (all.size < threads ? start() : new Promise((resolve) => waiting.push(resolve)));

  return {
    async run<Task extends CaseTask>(task: Task): Promise<ResultOf<Task>> {
      const worker = await take();
      try {
        const reply = await ask(worker, task);
        giveBack(worker);
        if ("error" in reply) throw asError(reply.error);
        return reply.result as ResultOf<Task>;
      } catch (error) {
        if (!(error instanceof ThreadEnded)) throw error;
        // It takes its case with it; another thread takes its place.
        all.delete(worker);
        if (waiting.length > 0) giveBack(start());
        throw new Error(`the thread that worked on it ended: ${error.message}`, { cause: error });
      }
    },
    close: async () => {
      await Promise.all([...all].map((worker) => worker.terminate()));
    },
  };
}

class ThreadEnded extends Error {}

function ask(worker: Worker, task: CaseTask): Promise<CaseReply> {
  return new Promise((resolve, reject) => {
    let lastWords = "without a word";
    const settle = (finish: () => void): void => {
      worker.off("message", onMessage).off("error", onError).off("exit", onExit);
      finish();
    };
    const onMessage = (reply: CaseReply): void => settle(() => resolve(reply));
    const onError = (error: Error): void => {
      lastWords = error.message;
    };
    const onExit = (): void => settle(() => reject(new ThreadEnded(lastWords)));
    worker.on("message", onMessage).on("error", onError).on("exit", onExit);
    worker.postMessage(task);
  });
}

/** The error of a thread as one of this: what it says, its exit code and the system's code are the same. */
function asError({ message, exitCode, code }: Extract<CaseReply, { error: unknown }>["error"]): Error {
  return Object.assign(new CommandError(message, exitCode), code === undefined ? {} : { cause: codeOnly(code) });
}

function codeOnly(code: string): Error {
  return Object.assign(new Error(code), { code });
}
