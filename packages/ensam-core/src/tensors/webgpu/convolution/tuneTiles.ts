import type { GpuBackend } from "../runtime/backend.ts";
import { remembered } from "../runtime/tuningCache.ts";
import { type GatherConvolution, gatherConvolution } from "./gatherConvolution.ts";
import { quads, type Tile, tileBytes, tileCandidates } from "./tiles.ts";

export interface TuningOptions {
  /** Limits of the device. */
  readonly largestGroup: number;
  readonly largestGroupBytes: number;
  /** Voxels along each axis of the map to measure with. */
  readonly side?: number;
  readonly repeats?: number;
}

/** Tiles change when their list does: what was measured for another list is not used. */
const listVersion = 1;
const kernelTaps = 27;

/**
 * Measures the tiles of every class on a convolution of 3³ and takes the fastest. What was measured before on this
 * adapter is read from the user's cache instead.
 *
 * @param adapter  names the adapter and its driver
 */
export async function tuneTiles(backend: GpuBackend, adapter: string, options: TuningOptions): Promise<void> {
  const tiles = await remembered(`${listVersion} ${adapter}`, () => measureTiles(backend, options));
  backend.convolutions = { ...backend.convolutions, tiles };
}

/** By class, the index of the fastest tile. */
export async function measureTiles(backend: GpuBackend, options: TuningOptions): Promise<number[]> {
  const best: number[] = [];
  for (const { outputs, tiles } of tileCandidates()) {
    const seconds: number[] = [];
    for (const tile of tiles) {
      const fits =
        tile.columnThreads * tile.rowThreads <= options.largestGroup && tileBytes(tile) <= options.largestGroupBytes;
      seconds.push(fits ? await timeConvolution(backend, outputs, options, tile) : Number.POSITIVE_INFINITY);
    }
    best.push(seconds.indexOf(Math.min(...seconds)));
  }
  return best;
}

/**
 * Seconds of a convolution of 3³ with as many channels in as out: the fastest of some runs, after one that compiles.
 *
 * @param tile  the chosen arithmetic with its own if absent
 */
export async function timeConvolution(
  backend: GpuBackend,
  channels: number,
  { side = 64, repeats = 3 }: Pick<TuningOptions, "side" | "repeats">,
  tile?: Tile,
): Promise<number> {
  const shape = [side, side, side] as const;
  const x = backend.output([1, ...shape, channels]);
  const y = backend.output([1, ...shape, channels]);
  const times: number[] = [];
  try {
    for (let i = 0; i <= repeats; i++) {
      const start = performance.now();
      backend.borrow(kernelTaps * channels * quads(channels) * 4, (weights) => {
        const convolution: GatherConvolution = {
          ...{ x, y, weights, channels, outputs: channels, inputShape: shape, rows: shape, outputShape: shape },
          stride: 1,
          spacing: 1,
          first: [-1, -1, -1],
          taps: [3, 3, 3],
          offset: [0, 0, 0],
        };
        gatherConvolution(backend, convolution, tile);
      });
      await backend.finish();
      if (i > 0) times.push(performance.now() - start);
    }
  } finally {
    backend.disposeData(x.dataId);
    backend.disposeData(y.dataId);
  }
  return Math.min(...times);
}
