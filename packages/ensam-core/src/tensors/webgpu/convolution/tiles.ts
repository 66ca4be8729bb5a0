import type { ConvolutionSettings } from "../runtime/convolutionSettings.ts";

/**
 * A workgroup's share of a `gatherConvolution`: `columnThreads × rowThreads` threads, each with `rows × quads` vectors
 * of 4 outputs, go through the depth in chunks of `depthQuads` × 4 that all of them put into workgroup memory together.
 * Results do not depend on it: every output is summed in the order of the depth.
 */
export interface Tile {
  readonly columnThreads: number;
  readonly rowThreads: number;
  readonly rows: number;
  readonly quads: number;
  readonly depthQuads: number;
}

/** Vectors of 4 that hold so many numbers. */
export const quads = (n: number) => Math.ceil(n / 4);

function tile(columnThreads: number, rowThreads: number, rows: number, perThread: number): Tile {
  return { columnThreads, rowThreads, rows, quads: perThread, depthQuads: 4 };
}

/** For maps with fewer voxels, so that every core gets a share. */
const smallMap = 32768;

/**
 * Tiles by the most vectors of 4 output channels that they are for: the one for small maps, then those to choose from.
 */
const classes: readonly { readonly columns: number; readonly small: Tile; readonly large: readonly Tile[] }[] = [
  { columns: 1, small: tile(1, 64, 2, 1), large: [tile(1, 64, 2, 1), tile(1, 128, 2, 1), tile(1, 64, 4, 1)] },
  { columns: 2, small: tile(2, 32, 2, 1), large: [tile(2, 32, 4, 1), tile(2, 64, 4, 1), tile(2, 32, 8, 1)] },
  {
    columns: 4,
    small: tile(4, 16, 4, 1),
    large: [tile(4, 16, 8, 1), tile(4, 32, 4, 1), tile(4, 32, 8, 1), tile(2, 32, 4, 2), tile(2, 32, 8, 2)],
  },
  {
    columns: 8,
    small: tile(4, 16, 4, 2),
    large: [tile(4, 16, 8, 2), tile(4, 32, 4, 2), tile(8, 16, 8, 1), tile(8, 32, 4, 1), tile(4, 32, 8, 2)],
  },
  {
    columns: Number.POSITIVE_INFINITY,
    small: tile(8, 8, 4, 2),
    large: [tile(8, 16, 8, 2), tile(8, 8, 8, 2), tile(16, 16, 8, 1), tile(8, 32, 4, 2), tile(16, 16, 4, 1)],
  },
];

/** Tiles for large maps, by class, each class with an output count that it is for. */
export function tileCandidates(): { outputs: number; tiles: readonly Tile[] }[] {
  return classes.map(({ columns, large }) => ({ outputs: Math.min(columns, 16) * 4, tiles: large }));
}

/** A tile for so many rows and output channels; the first of its class where the device has chosen none of its list. */
export function tileFor({ tiles }: Pick<ConvolutionSettings, "tiles">, rows: number, outputs: number): Tile {
  const i = classes.findIndex(({ columns }) => quads(outputs) <= columns);
  const { small, large } = classes[i]!;
  return rows < smallMap ? small : (large[tiles[i] ?? 0] ?? large[0]!);
}

/** Bytes of workgroup memory that a tile needs. */
export function tileBytes({ columnThreads, rowThreads, rows, quads: perThread, depthQuads }: Tile): number {
  return 16 * (rowThreads * rows * (depthQuads + 1) + depthQuads * 4 * columnThreads * perThread);
}
