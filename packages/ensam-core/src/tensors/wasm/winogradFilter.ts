import type { WasmBackend } from "./backend.ts";
import { type Norm, normParameters } from "./channels.ts";
import type { WinogradShape } from "./convolutionChoice.ts";
import { apart, blockedChannels, points, tilesAtOnce } from "./winograd.ts";

export interface WinogradFilterGradient extends WinogradShape {
  readonly x: number;
  readonly dy: number;
  /** Norm + ReLU of x, computed as x is read. */
  readonly norm?: Norm | undefined;
  /** Where the gradient of the first input channel goes. Strides in floats; taps follow each other. */
  readonly target: number;
  readonly outputStride: number;
  readonly innerStride: number;
}

/** Sums of this size and smaller stay in a thread's cache while the map goes by. */
const cachedSums = 256 << 10;
/** What the points of a part of a map may take at once. */
const partBytes = 4 << 20;

/** The filter gradient, in an order that the shape alone decides. */
export function winogradFilterGradient(backend: WasmBackend, c: WinogradFilterGradient): void {
  const bytes = points * accumulatorBytes(c.channels, c.outputs);
  if (bytes <= cachedSums) bySlabs(backend, c, bytes);
  else byPoints(backend, c, bytes);
}

/** Each task goes through a slab of the map and keeps sums of its own. */
function bySlabs(backend: WasmBackend, c: WinogradFilterGradient, bytes: number): void {
  const { channels, outputs } = c;
  const [tilesZ, tilesY, tilesX] = tilesOf(c);
  const atOnce = tilesAtOnce(channels, outputs);
  const along = Math.min(tilesX, atOnce);
  const rows = Math.min(tilesY, Math.max(1, Math.floor(atOnce / along)));
  const slabs = Math.min(tilesZ, 32);
  const padded = padding(channels);
  const tiles = rows * along;
  backend.borrow(bytes * slabs, (partials) => {
    backend.engine.run({
      kernel: "winogradFilter",
      parameters: [c.x, c.dy, partials, ...c.grid, channels, outputs, along, rows, slabs, ...normParameters(c.norm)],
      tasks: slabs,
      scratchBytes:
        padded * 12 +
        (along * 2 + 2) * padded * 64 +
        points * ((padded + sixteens(outputs)) * tiles * 4 + 2 * apart) +
        512,
      microseconds: (tilesZ * tilesY * tilesX * points * channels * outputs) / 15000,
    });
    back(backend, c, partials, slabs);
  });
}

/** Each task sums one point over all tiles, a part of the map at a time. */
function byPoints(backend: WasmBackend, c: WinogradFilterGradient, bytes: number): void {
  const { channels, outputs } = c;
  const [tilesZ, tilesY, tilesX] = tilesOf(c);
  const inPlane = tilesY * tilesX;
  const tileBytes = points * 4 * (padding(channels) + sixteens(outputs));
  const planes = Math.min(tilesZ, Math.max(1, Math.floor(partBytes / (tileBytes * inPlane))));
  const inputBytes = points * (planes * inPlane * padding(channels) * 4 + apart);
  const gradientBytes = points * (planes * inPlane * sixteens(outputs) * 4 + apart);
  backend.borrow(bytes + inputBytes + gradientBytes + apart, (partials) => {
    const inputs = partials + bytes;
    const gradients = inputs + inputBytes;
    for (let first = 0; first < tilesZ; first += planes) {
      const count = Math.min(planes, tilesZ - first);
      backend.engine.run({
        kernel: "winogradFilterPoints",
        parameters: [
          c.x,
          c.dy,
          inputs,
          gradients,
          ...c.grid,
          channels,
          outputs,
          first,
          count,
          ...normParameters(c.norm),
        ],
        tasks: count * tilesY,
        scratchBytes: padding(channels) * 12 + (tilesX * 2 + 2) * padding(channels) * 64 + 256,
        microseconds: (count * inPlane * points * (channels + outputs)) / 1000,
      });
      backend.engine.run({
        kernel: "winogradFilterProducts",
        parameters: [inputs, gradients, partials, count * inPlane, channels, outputs, first === 0 ? 1 : 0],
        tasks: points,
        microseconds: (count * inPlane * points * channels * outputs) / 15000,
      });
    }
    back(backend, c, partials, 1);
  });
}

function back(backend: WasmBackend, c: WinogradFilterGradient, partials: number, slabs: number): void {
  const perTask = Math.max(1, Math.ceil(c.channels / 16));
  backend.engine.run({
    kernel: "winogradFilterBack",
    parameters: [partials, c.target, c.outputs, c.channels, slabs, c.outputStride, c.innerStride, perTask],
    tasks: Math.ceil(c.channels / perTask),
    scratchBytes: 3072,
    microseconds: (c.outputs * c.channels * points * (slabs + 1)) / 1000,
  });
}

/** Bytes of the sums of one point: see assembly/winogradFilter.ts. */
function accumulatorBytes(channels: number, outputs: number): number {
  const all = blockedChannels(outputs);
  const endsNarrow = all % 8 === 4;
  return ((endsNarrow ? all - 4 : all) * channels + (endsNarrow ? ((channels + 7) & ~7) * 4 : 0)) * 4;
}

function tilesOf({ grid }: WinogradShape): [number, number, number] {
  return grid.map((n) => Math.ceil(n / 2)) as [number, number, number];
}

const padding = (channels: number) => Math.ceil(channels / 4) * 4;
const sixteens = (outputs: number) => Math.ceil(outputs / 16) * 16;
