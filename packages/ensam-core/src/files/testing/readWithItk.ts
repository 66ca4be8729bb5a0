import { Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";

/** An image as ITK gives it: sizes, spacing (mm) and origin (mm) along x, y, z; `direction` row by row, its columns the axes in LPS. */
export interface ItkImage {
  readonly componentType: string;
  readonly components: number;
  readonly size: readonly number[];
  readonly spacing: readonly number[];
  readonly origin: readonly number[];
  readonly direction: readonly number[];
  readonly data: ArrayLike<number | bigint>;
}

export type ItkReader =
  | "nrrdReadImageNode"
  | "metaReadImageNode"
  | "giplReadImageNode"
  | "tiffReadImageNode"
  | "niftiReadImageNode";

/** Reads images with ITK compiled to WebAssembly, another implementation to compare ours with; one that it cannot read is an Error. */
export function itk(): (path: string, reader: ItkReader) => Promise<ItkImage | Error> {
  const worker = new Worker(new URL("./itkThread.mjs", import.meta.url), { execArgv: [] });
  onTestFinished(async () => {
    await worker.terminate();
  });
  return (path, reader) =>
    new Promise((resolve) => {
      worker.once("message", ({ image, problem }: { image?: ItkImage; problem?: string }) =>
        resolve(image ?? new Error(problem)),
      );
      worker.postMessage({ id: 0, path, reader });
    });
}
