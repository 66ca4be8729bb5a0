import type { TensorInfo } from "../backend/tensorInfo.ts";
import type { WasmBackend } from "./backend.ts";
import { type Norm, normParameters } from "./channels.ts";
import type { WinogradShape } from "./convolutionChoice.ts";
import { blockCount } from "./packing.ts";

/**
 * Weights of a 3x3x3 kernel in a tensor, as the matrix from input to output channels that is wanted. Strides in floats.
 */
export interface Filters {
  readonly outputs: number;
  readonly outputStride: number;
  readonly inner: number;
  readonly innerStride: number;
  /** Whether the taps are turned round, as for the input gradient. */
  readonly isTurned: boolean;
}

/** Of a tile. */
export const points = 64;
/** Bytes that keep planes of points from falling on the same cache sets: see assembly/winogradInput.ts. */
export const apart = 64;
/** What a thread's points may take: a part of the second cache of today's processors. */
const scratchBytes = 256 << 10;

/** Output channels of all blocks: see assembly/blocks.ts. */
export function blockedChannels(channels: number): number {
  const rest = channels & 15;
  return (channels & ~15) + (rest === 0 ? 0 : rest > 12 ? 16 : rest > 8 ? 12 : rest > 4 ? 8 : 4);
}

/** Transformed weights up to this size are kept as long as their tensor; larger ones are those of small, deep maps. */
const keptBytes = 256 << 10;

/**
 * Calls with the address of a tensor's transformed weights, which take 64/27 of its memory: kept with the tensor if
 * they are small, else made for the call.
 */
export function withTransformedWeights(
  backend: WasmBackend,
  weight: TensorInfo,
  { name, from, filters }: { name: string; from: number; filters: Filters },
  use: (weights: number) => void,
): void {
  const { outputs, outputStride, inner, innerStride, isTurned } = filters;
  const source = backend.address(weight) + from * 4;
  const all = blockedChannels(outputs);
  const bytes = points * (all * inner * 4 + apart);
  const transform = (target: number) =>
    backend.engine.run({
      kernel: "transformWeights",
      parameters: [source, target, outputs, outputStride, inner, innerStride, isTurned ? 1 : 0, all],
      tasks: blockCount(outputs),
      scratchBytes: 3072 + 256,
      microseconds: (outputs * inner * points) / 1000,
    });
  if (bytes <= keptBytes) use(backend.derivedMemory(weight, name, bytes, transform));
  else {
    backend.borrow(bytes, (target) => {
      transform(target);
      use(target);
    });
  }
}

/** Tiles whose points are in a thread's scratch memory at once. */
export function tilesAtOnce(channels: number, outputs: number): number {
  return Math.max(16, Math.min(64, Math.floor(scratchBytes / (points * 4 * (channels + outputs)))));
}

export interface WinogradConvolution extends WinogradShape {
  readonly x: number;
  /** As `withTransformedWeights` makes them. */
  readonly weights: number;
  readonly y: number;
  readonly bias?: number | undefined;
  readonly addend?: number | undefined;
  /** Norm + ReLU of x, computed as x is read. */
  readonly norm?: Norm | undefined;
}

/** y = conv(relu(norm(x)), w) + bias + addend. */
export function winogradConvolve(backend: WasmBackend, c: WinogradConvolution): void {
  const { channels, outputs } = c;
  const [tilesZ, tilesY, tilesX] = c.grid.map((n) => Math.ceil(n / 2)) as [number, number, number];
  const atOnce = tilesAtOnce(channels, outputs);
  const along = Math.min(tilesX, atOnce);
  const chunks = Math.ceil(tilesX / along);
  const rows = Math.min(tilesY, Math.max(1, Math.floor(atOnce / along)));
  const parts = Math.min(Math.ceil(tilesY / rows), Math.max(1, Math.ceil(16 / (tilesZ * chunks))));
  const perTask = Math.ceil(tilesY / parts);
  const padded = Math.ceil(channels / 4) * 4;
  const all = blockedChannels(outputs);
  const tiles = rows * along;
  backend.engine.run({
    kernel: "winograd",
    parameters: [
      ...[c.x, c.weights, c.y, c.bias ?? backend.zeros, c.addend ?? 0, ...c.grid, channels, outputs, all],
      ...[along, rows, perTask, backend.zeros, ...normParameters(c.norm)],
    ],
    tasks: tilesZ * chunks * Math.ceil(tilesY / perTask),
    scratchBytes:
      64 + padded * 12 + (along * 2 + 2) * padded * 64 + points * ((padded + all) * tiles * 4 + 2 * apart) + 256,
    microseconds: (tilesZ * tilesY * tilesX * points * channels * outputs) / 15000,
  });
}
