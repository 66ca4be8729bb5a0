import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { GpuBackend } from "./backend.ts";
import { type GatherConvolution, gatherConvolution } from "./gatherConvolution.ts";
import { chooseTiles, quads, type Tile, type TileChoice, tileBytes, tileCandidates } from "./tiles.ts";

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
 * Measures the tiles of every class on a convolution of 3³ and takes the fastest. What was measured before on this adapter
 * is read from the user's cache instead.
 *
 * @param adapter  names the adapter and its driver
 */
export async function tuneTiles(backend: GpuBackend, adapter: string, options: TuningOptions): Promise<void> {
  const file = cacheFile();
  const known = readChoices(file);
  const key = `${listVersion} ${adapter}`;
  if (known[key] === undefined) {
    known[key] = await measureTiles(backend, options);
    writeChoices(file, known);
  }
  chooseTiles(known[key]);
}

/** By class, the index of the fastest tile. */
export async function measureTiles(backend: GpuBackend, options: TuningOptions): Promise<TileChoice> {
  const best: number[] = [];
  for (const { outputs, tiles } of tileCandidates()) {
    const seconds: number[] = [];
    for (const tile of tiles) {
      const fits =
        tile.columnThreads * tile.rowThreads <= options.largestGroup && tileBytes(tile) <= options.largestGroupBytes;
      seconds.push(fits ? await measure(backend, outputs, tile, options) : Number.POSITIVE_INFINITY);
    }
    best.push(seconds.indexOf(Math.min(...seconds)));
  }
  return best;
}

/** The fastest of some runs; a first one compiles. */
async function measure(
  backend: GpuBackend,
  channels: number,
  tile: Tile,
  { side = 64, repeats = 3 }: TuningOptions,
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

function cacheFile(): string {
  const folder = process.env.XDG_CACHE_HOME ?? process.env.LOCALAPPDATA ?? join(homedir(), ".cache");
  return join(folder, "ensam", "webgpu-tiles.json");
}

function readChoices(file: string): Record<string, TileChoice> {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Record<string, TileChoice>;
  } catch {
    return {};
  }
}

/** What cannot be kept is measured again next time. */
function writeChoices(file: string, choices: Record<string, TileChoice>): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(choices, undefined, 2)}\n`);
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    return;
  }
}
