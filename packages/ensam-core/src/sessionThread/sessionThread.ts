import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { CommandError, type MemoryParts } from "../command/index.ts";
import { predictionBytes } from "../inference/index.ts";
import { EventError, type SessionAnswer, type SessionEvent, type SessionReport } from "../session/index.ts";
import { serveSessions } from "./serveSessions.ts";
import type {
  Opened,
  SessionImage,
  Started,
  ThreadError,
  ThreadReply,
  ThreadRequest,
  ThreadSettings,
} from "./threadMessages.ts";

/**
 * A thread with a model on its device, and any number of sessions. It answers one event at a time, in the order of the
 * calls.
 */
export interface SessionThread {
  /** The device, in words. */
  readonly device: string;
  /** The file of the model. */
  readonly model: string;
  readonly maxVoxels: number;
  /**
   * Bytes that a session of an image of so many voxels takes beside the image itself, estimated: the 8-bit grey levels,
   * the label map and its copy on the way out, and the model at its peak where it computes in this machine's memory.
   * Answers kept for undo come on top.
   */
  memoryOf(voxels: number, maxVoxels?: number): MemoryParts;
  open(image: SessionImage, onStep?: (done: number, all: number) => void): Promise<ThreadSession>;
  close(): Promise<void>;
}

export interface ThreadSession extends Opened {
  /** @throws EventError for an event that cannot be; CommandError with an exit code where the model fails */
  apply(event: SessionEvent): Promise<SessionAnswer>;
  report(): Promise<SessionReport>;
  /** A copy of the label map, after all events that were applied. */
  labels(): Promise<Uint8Array>;
  close(): Promise<void>;
}

const workerFile = new URL("./sessionWorker.js", import.meta.url);

/**
 * Starts a thread for sessions, with its model loaded. From TypeScript sources there is no worker to start (Node 20
 * cannot run them): then the sessions live in this thread.
 */
export async function startSessionThread(settings: ThreadSettings, file = workerFile): Promise<SessionThread> {
  const isThread = existsSync(fileURLToPath(file));
  const end = isThread ? startWorker(file) : startHere();
  const waiting = new Map<number, Call>();
  let calls = 0;
  let ended: Error | undefined;
  const fail = (error: Error) => {
    ended ??= error;
    for (const call of waiting.values()) call.reject(ended);
    waiting.clear();
  };
  end.onReply((reply) => {
    const call = waiting.get(reply.call);
    if (call === undefined) return;
    if ("step" in reply) return call.onStep?.(...reply.step);
    waiting.delete(reply.call);
    if ("value" in reply) call.resolve(reply.value);
    else call.reject(errorOf(reply.error));
  });
  end.onEnd((words) => fail(new Error(`the session's thread ended${words === "" ? "" : `: ${words}`}`)));

  function ask<Value>(request: ThreadRequest, onStep?: Call["onStep"]): Promise<Value> {
    if (ended !== undefined) return Promise.reject(ended);
    return new Promise((resolve, reject) => {
      const call = ++calls;
      waiting.set(call, { resolve: resolve as Call["resolve"], reject, ...(onStep && { onStep }) });
      end.post({ call, request });
    });
  }

  let started: Started;
  try {
    started = await ask<Started>({ type: "start", settings });
  } catch (error) {
    await end.terminate();
    throw error;
  }
  let sessions = 0;
  const { device, model, maxVoxels, config, isGpu } = started;
  return {
    device,
    model,
    maxVoxels,
    memoryOf: (voxels, most = maxVoxels) => ({
      "grey levels": 2 * voxels,
      "label maps": 2 * voxels,
      ...(!isGpu && { model: predictionBytes(config, voxels, most) }),
    }),
    async open(image, onStep) {
      const id = ++sessions;
      const opened = await ask<Opened>({ type: "open", id, image: shared(image) }, onStep);
      return {
        ...opened,
        apply: (event) => ask({ type: "apply", id, event }),
        report: () => ask({ type: "report", id }),
        labels: () => ask({ type: "labels", id }),
        close: () => ask({ type: "close", id }),
      };
    },
    async close() {
      if (ended === undefined) await ask({ type: "stop" }).catch(() => undefined);
      ended ??= new Error("the session's thread was closed");
      await end.terminate();
    },
  };
}

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onStep?: (done: number, all: number) => void;
}

/** The way to the sessions, in another thread or in this one. */
interface FarEnd {
  post(message: { readonly call: number; readonly request: ThreadRequest }): void;
  onReply(take: (reply: ThreadReply) => void): void;
  onEnd(take: (words: string) => void): void;
  terminate(): Promise<unknown>;
}

function startWorker(file: URL): FarEnd {
  const worker = new Worker(file, { name: "session", execArgv: [] });
  let words = "";
  worker.on("error", (error: Error) => {
    words = error.message;
  });
  return {
    post: (message) => worker.postMessage(message),
    onReply: (take) => worker.on("message", take),
    onEnd: (take) => worker.on("exit", () => take(words)),
    terminate: () => worker.terminate(),
  };
}

function startHere(): FarEnd {
  const { port1, port2 }: { port1: MessagePort; port2: MessagePort } = new MessageChannel();
  serveSessions(port2);
  return {
    post: (message) => port1.postMessage(message),
    onReply: (take) => port1.on("message", take),
    onEnd: () => undefined,
    terminate: async () => port1.close(),
  };
}

/** The image in memory that both threads see, so that nothing is copied at each step. */
function shared(image: SessionImage): SessionImage {
  const { data, shape } = image.image;
  if (data.buffer instanceof SharedArrayBuffer) return image;
  const copy = new Uint8Array(new SharedArrayBuffer(data.length));
  copy.set(data);
  return { ...image, image: { data: copy, shape } };
}

function errorOf({ isRefusal, message, exitCode }: ThreadError): Error {
  return isRefusal ? new EventError(message) : new CommandError(message, exitCode);
}
