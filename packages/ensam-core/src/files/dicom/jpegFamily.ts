import { Worker } from "node:worker_threads";
import { FileError } from "../fileError.ts";
import type { DicomFrame } from "./dicomFrame.ts";
import type { JpegFamily } from "./transferSyntax.ts";

/** Compressed pixels whose decoder, an optional package, is not installed. */
export class DecoderMissing extends FileError {
  override readonly name = "DecoderMissing";
  constructor(path: string, syntax: string) {
    super(
      path,
      "pixels that can be read without a decoder",
      `${syntax}: install one with \`npm install dcmjs-codecs\``,
    );
  }
}

interface Answer {
  readonly id: number;
  readonly pixels?: Uint8Array;
  readonly problem?: string;
  readonly isMissing?: boolean;
}

/** Decodes the compressed frames of one volume; `close` ends its thread. */
export interface JpegDecoder {
  decode(frame: DicomFrame, packed: Buffer): Promise<Uint8Array>;
  close(): Promise<void>;
}

const workerFile = new URL("../../../workers/decodeDicomFrame.mjs", import.meta.url);
/** A frame of 4096 x 4096 takes seconds; a damaged one may never end. */
const longestSeconds = 60;
const memory = { maxOldGenerationSizeMb: 1024 };

/** Opens a decoder for frames of the JPEG family. Its thread starts with the first frame. */
export function openJpegDecoder(): JpegDecoder {
  let worker: Worker | undefined;
  let nextId = 0;
  return {
    decode: async (frame, packed) => {
      worker ??= new Worker(workerFile, { execArgv: [], resourceLimits: memory });
      return decoded(worker, nextId++, frame, packed);
    },
    close: async () => {
      await worker?.terminate();
    },
  };
}

async function decoded(worker: Worker, id: number, frame: DicomFrame, packed: Buffer): Promise<Uint8Array> {
  const { name, rows, columns, bits, header } = frame;
  const answer = await ask(worker, {
    id,
    decoder: header.syntax.pixels as JpegFamily,
    frame: { rows, columns, ...bits },
    packed: new Uint8Array(packed), // A copy: the whole buffer behind a view would travel.
  });
  if (answer.isMissing) throw new DecoderMissing(name, header.syntax.name);
  const { pixels } = answer;
  if (pixels === undefined) {
    throw new FileError(name, `undamaged ${header.syntax.name} pixels`, answer.problem ?? "something else");
  }
  const bytes = rows * columns * (bits.allocated / 8);
  if (pixels.length === bytes) return pixels;
  throw new FileError(name, `${bytes} bytes of pixels in ${header.syntax.name}`, `${pixels.length}`);
}

function ask(worker: Worker, job: { readonly id: number } & Record<string, unknown>): Promise<Answer> {
  return new Promise((resolve) => {
    const finish = (answer: Answer): void => {
      clearTimeout(timer);
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      resolve(answer);
    };
    const fail = (problem: string): void => finish({ id: job.id, problem });
    const onMessage = (answer: Answer): void => {
      if (answer.id === job.id) finish(answer);
    };
    const onError = (error: Error): void => fail(`a crash of the decoder (${error.message})`);
    const onExit = (): void => fail("a crash of the decoder");
    const timer = setTimeout(() => fail(`more than ${longestSeconds} seconds of decoding`), longestSeconds * 1000);
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.on("exit", onExit);
    worker.postMessage(job);
  });
}
