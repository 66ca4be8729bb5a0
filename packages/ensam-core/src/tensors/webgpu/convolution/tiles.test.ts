import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tf } from "../../tf.ts";
import { normals, relativeError } from "../../wasm/testing/compareDevices.ts";
import { poolStatistics } from "../openWebgpu.ts";
import type { GpuBackend } from "../runtime/backend.ts";
import { describeOnWebgpu } from "../testing/software.ts";
import { type GatherConvolution, gatherConvolution } from "./gatherConvolution.ts";
import { packedWeights } from "./packWeights.ts";
import { tileBytes, tileCandidates, tileFor } from "./tiles.ts";
import { measureTiles, tuneTiles } from "./tuneTiles.ts";

test("small maps get small tiles, large ones the chosen", () => {
  const chosen = { tiles: [0, 0, 2, 0, 0] };
  expect(tileFor(chosen, 1000, 16)).toMatchObject({ rowThreads: 16, rows: 4 });
  expect(tileFor(chosen, 1e6, 16)).toEqual(tileCandidates()[2]!.tiles[2]);
  expect(tileFor(chosen, 1e6, 13)).toEqual(tileFor(chosen, 1e6, 16));
  const ofAnotherList = { tiles: [9] };
  expect(tileFor(ofAnotherList, 1e6, 3)).toEqual(tileCandidates()[0]!.tiles[0]);
  expect(tileFor(ofAnotherList, 1e6, 16)).toEqual(tileCandidates()[2]!.tiles[0]);
});

await describeOnWebgpu("tiles", () => {
  const gpu = () => tf.backend() as GpuBackend;
  const limits = { largestGroup: 256, largestGroupBytes: 32768 };

  test("every tile gives the same bits, those of a plain convolution", async () => {
    const [channels, side] = [8, 5];
    for (const { outputs, tiles } of tileCandidates()) {
      const x = tf.tensor(normals(side ** 3 * channels, 1), [1, side, side, side, channels]);
      const weight = tf.tensor(normals(outputs * channels * 27, 2), [outputs, channels, 3, 3, 3]);
      const results: Float32Array[] = [];
      for (const tile of tiles) {
        if (tileBytes(tile) > limits.largestGroupBytes) continue;
        const shape = [side, side, side] as const;
        const y = tf.engine().makeTensorFromTensorInfo(gpu().output([1, ...shape, outputs]));
        const packing = {
          ...{ weight, outputStride: channels * 27, outputs, channelStride: 27, channels, from: 0, kernel: 3 },
          taps: [0, 1, 2].map(() => [0, 1, 3] as const),
        };
        const convolution: GatherConvolution = {
          ...{ x, y, weights: packedWeights(gpu(), packing), channels, outputs },
          ...{ inputShape: shape, rows: shape, outputShape: shape },
          stride: 1,
          spacing: 1,
          first: [-1, -1, -1],
          taps: [3, 3, 3],
          offset: [0, 0, 0],
        };
        gatherConvolution(gpu(), convolution, tile);
        results.push((await y.data()) as Float32Array);
        y.dispose();
      }
      const plain = convolved((await x.data()) as Float32Array, (await weight.data()) as Float32Array, channels, side);
      expect(relativeError(results[0]!, plain)).toBeLessThan(1e-5);
      for (const result of results) expect(result).toEqual(results[0]);
      tf.dispose([x, weight]);
    }
  });

  test("measuring finds a tile for each class and leaves nothing behind", async () => {
    const { heapBytes } = poolStatistics();
    const found = await measureTiles(gpu(), { ...limits, side: 4, repeats: 1 });
    expect(found.length).toBe(tileCandidates().length);
    found.forEach((own, i) => {
      expect(tileBytes(tileCandidates()[i]!.tiles[own]!)).toBeLessThanOrEqual(limits.largestGroupBytes);
    });
    expect(poolStatistics().heapBytes).toBe(heapBytes);
  });

  test("what was measured on an adapter is kept", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ensam-tiles-"));
    const before = process.env.XDG_CACHE_HOME;
    process.env.XDG_CACHE_HOME = folder;
    const own = gpu().convolutions;
    try {
      await tuneTiles(gpu(), "an adapter", { ...limits, side: 2, repeats: 1 });
      const read = () => JSON.parse(readFileSync(join(folder, "ensam/webgpu-tiles.json"), "utf8")) as object;
      expect(Object.keys(read())).toEqual(["1 an adapter"]);
      const kept = read();
      // No tile fits these limits: measuring again would choose otherwise.
      await tuneTiles(gpu(), "an adapter", { largestGroup: 1, largestGroupBytes: 1 });
      expect(read()).toEqual(kept);
      expect(gpu().convolutions.tiles).toEqual(Object.values(kept)[0]);
    } finally {
      gpu().convolutions = own;
      if (before === undefined) delete process.env.XDG_CACHE_HOME;
      else process.env.XDG_CACHE_HOME = before;
      rmSync(folder, { recursive: true });
    }
  });
});

/** A convolution of 3³ with padding on a cube, in plain loops. */
function convolved(x: Float32Array, weight: Float32Array, channels: number, side: number): Float32Array {
  const outputs = weight.length / channels / 27;
  const y = new Float32Array(side ** 3 * outputs);
  for (let voxel = 0; voxel < side ** 3; voxel++) {
    const at = [Math.floor(voxel / side ** 2), Math.floor(voxel / side) % side, voxel % side];
    for (let tap = 0; tap < 27; tap++) {
      const from = [Math.floor(tap / 9), Math.floor(tap / 3) % 3, tap % 3].map((t, axis) => at[axis]! + t - 1);
      if (from.some((n) => n < 0 || n >= side)) continue;
      const source = (from[0]! * side + from[1]!) * side + from[2]!;
      for (let o = 0; o < outputs; o++) {
        for (let c = 0; c < channels; c++) {
          y[voxel * outputs + o]! += x[source * channels + c]! * weight[(o * channels + c) * 27 + tap]!;
        }
      }
    }
  }
  return y;
}
