import { type Sample, type SampleNeeds, type SampleOptions, sample } from "@ensam/core/samples";
import { randomStream } from "@ensam/core/voxels";
import { loadCase } from "./loadCase.ts";

/** All that a sample depends on; plain data, so that a worker thread can take it. */
export interface SampleRequest {
  readonly case: string;
  /** Absolute path of the case's npz. */
  readonly npz: string;
  readonly seed: number;
  readonly epoch: number;
  /** Index of the case among the input rows. */
  readonly row: number;
  readonly options: SampleOptions & SampleNeeds;
}

/** The sample of a request, wherever and whenever it is prepared. An error's message starts with the case. */
export async function prepareSample(request: SampleRequest): Promise<Sample> {
  const { seed, epoch, row, options } = request;
  try {
    const arrays = await loadCase(request.npz);
    return sample(arrays, options, randomStream(seed, "sample", epoch, row));
  } catch (error) {
    throw new Error(`${request.case}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
