import { Worker } from "node:worker_threads";

/** An image as ITK gives it: sizes, spacing (mm) and origin (mm) along x, y, z; `direction` row by row, its columns the axes in LPS. */
export interface ItkImage {
  readonly componentType: string;
  readonly components: number;
  readonly size: readonly number[];
  readonly spacing: readonly number[];
  readonly origin: readonly number[];
  readonly direction: readonly number[];
  readonly data: ArrayBufferView;
  readonly warnings?: string;
}

export type ItkReader = "nrrdReadImageNode" | "metaReadImageNode" | "giplReadImageNode" | "tiffReadImageNode";

interface Answer {
  readonly id: number;
  readonly image?: ItkImage;
  readonly problem?: string;
}

interface Waiting {
  resolve(image: ItkImage): void;
  reject(error: Error): void;
}

interface Thread {
  readonly worker: Worker;
  readonly waiting: Map<number, Waiting>;
}

const workerFile = new URL("../../workers/readItkImage.mjs", import.meta.url);
let thread: Thread | undefined;
let nextId = 1;

/**
 * The image ITK reads at an absolute path. One thread serves all reads, in order, and holds the process open only while it has work.
 * Rejects with an Error in ITK's words, also when ITK crashes.
 */
export function readWithItk(path: string, reader: ItkReader): Promise<ItkImage> {
  thread ??= startThread();
  const { worker, waiting } = thread;
  const id = nextId++;
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    worker.ref();
    worker.postMessage({ id, path, reader });
  });
}

function startThread(): Thread {
  const worker = new Worker(workerFile, { execArgv: [] });
  const started: Thread = { worker, waiting: new Map() };
  worker.on("message", ({ id, image, problem }: Answer) => {
    const { resolve, reject } = started.waiting.get(id)!;
    started.waiting.delete(id);
    if (started.waiting.size === 0) worker.unref();
    if (image) resolve(image);
    else reject(new Error(problem));
  });
  const end = (reason: string): void => {
    if (thread === started) thread = undefined;
    for (const { reject } of started.waiting.values()) reject(new Error(reason));
    started.waiting.clear();
  };
  worker.on("error", (error) => end(`a crash in ITK: ${error.message}`));
  worker.on("exit", () => end("a crash in ITK"));
  return started;
}
