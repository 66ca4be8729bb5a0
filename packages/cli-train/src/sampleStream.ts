import type { Prepared } from "@ensam/core/training";
import { type Place, type Turn, turnsFrom } from "@ensam/core/training/sample";
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
}

/** The samples of a run from a place on, in training order. A case that gives none comes with the reason. */
export function sampleStream(
  cases: readonly InputCase[],
  pool: SamplePool,
  from: Place,
  { seed, epochs, maxVoxels, noBox, ahead }: SampleStreamOptions,
): AsyncGenerator<Prepared> {
  const prepare = async (turn: Turn): Promise<Prepared> => {
    const { row, npz } = cases[turn.row]!;
    const request = { case: row.case, npz, seed, epoch: turn.epoch, row: turn.row, options: { maxVoxels, noBox } };
    try {
      return { turn, case: row.case, sample: await pool.prepare(request) };
    } catch (error) {
      return { turn, case: row.case, error: error instanceof Error ? error.message : String(error) };
    }
  };
  return inOrder(turnsFrom(from, { seed, epochs, count: cases.length }), ahead, prepare);
}
