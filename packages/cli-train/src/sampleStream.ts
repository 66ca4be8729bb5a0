import { access, constants } from "node:fs/promises";
import { setTimeout as later } from "node:timers/promises";
import { type Place, type SampleNeeds, type Turn, turnsFrom } from "@ensam/core/samples";
import type { Prepared } from "@ensam/core/training";
import { inOrder } from "./inOrder.ts";
import type { InputCase } from "./rows.ts";
import type { SamplePool } from "./samplePool.ts";

export interface SampleStreamOptions {
  readonly seed: number;
  readonly epochs: number;
  readonly maxVoxels: number;
  readonly noBox: number;
  /** Samples prepared ahead of the one that is asked for; 0 prepares each when it is asked for. */
  readonly ahead: number;
  /** The cases whose files could be read when the run began. */
  readonly readable: ReadonlySet<InputCase>;
  /** What the model asks of samples. */
  readonly needs?: SampleNeeds;
  /** Told of each case whose voxel size the model asks for and the file does not say. */
  readonly onUnknownSpacing?: (name: string) => void;
}

/** Milliseconds before each new try at a file that could be read before: a network disk may be away for a moment. */
const patience = [0, 300, 900, 1800];

/** How many files are asked for at once. */
const asked = 32;

/** The cases whose files can be read now. */
export async function readableCases(cases: readonly InputCase[]): Promise<Set<InputCase>> {
  const readable = new Set<InputCase>();
  for (let i = 0; i < cases.length; i += asked) {
    await Promise.all(
      cases.slice(i, i + asked).map(async (item) => {
        if (await canRead(item.npz)) readable.add(item);
      }),
    );
  }
  return readable;
}

/** The samples of a run from a place on, in training order. A case that gives none comes with the reason. */
export function sampleStream(
  cases: readonly InputCase[],
  pool: SamplePool,
  from: Place,
  { seed, epochs, maxVoxels, noBox, ahead, readable, needs, onUnknownSpacing }: SampleStreamOptions,
): AsyncGenerator<Prepared> {
  const options = { maxVoxels, noBox, ...needs };
  const prepare = async (turn: Turn): Promise<Prepared> => {
    const item = cases[turn.row]!;
    const { row, npz } = item;
    const request = { case: row.case, npz, seed, epoch: turn.epoch, row: turn.row, options };
    const waits = readable.has(item) ? [...patience] : [];
    while (true) {
      try {
        const sample = await pool.prepare(request);
        if (needs?.inMillimetres && sample.frame.spacing === undefined) onUnknownSpacing?.(row.case);
        return { turn, case: row.case, sample };
      } catch (error) {
        const failure = { turn, case: row.case, error: error instanceof Error ? error.message : String(error) };
        const isMissing = !(await canRead(npz));
        const wait = waits.shift();
        if (wait === undefined) return { ...failure, isMissing, isGone: isMissing && readable.has(item) };
        // A file that is there is tried once more only: it may have come back just now.
        if (!isMissing) waits.length = 0;
        await later(wait);
      }
    }
  };
  return inOrder(turnsFrom(from, { seed, epochs, count: cases.length }), ahead, prepare);
}

async function canRead(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
