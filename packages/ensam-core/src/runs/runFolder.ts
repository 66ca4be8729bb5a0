import { join } from "node:path";

/** Where a run keeps its files, and where it meets those who watch it. */
export interface RunFolder {
  readonly path: string;
  /** Options with their origins, versions, machine, input. */
  readonly run: string;
  /** The rows of stdout. */
  readonly log: string;
  readonly curves: string;
  /** A file of this name asks the run to stop; it is removed when obeyed. */
  readonly stop: string;
  /** Words that the run has not taken yet. */
  readonly control: string;
  /** There while the run is paused. */
  readonly paused: string;
  /** The last validation's slice, with truth and prediction. */
  readonly slice: string;
  /** Names who trains in the folder. */
  readonly lock: string;
  readonly checkpoints: string;
  readonly last: string;
  /** The checkpoint before the last one, in case the last is broken. */
  readonly previous: string;
  /** The one with the best validation; for predicting, not for going on. */
  readonly best: string;
}

export function runFolder(path: string): RunFolder {
  const checkpoints = join(path, "checkpoints");
  return {
    path,
    run: join(path, "run.json"),
    log: join(path, "log.ndjson"),
    curves: join(path, "curves.svg"),
    stop: join(path, "STOP"),
    control: join(path, "CONTROL"),
    paused: join(path, "PAUSED"),
    slice: join(path, "validation.slice.json"),
    lock: join(path, "LOCK"),
    checkpoints,
    last: join(checkpoints, "last.safetensors"),
    previous: join(checkpoints, "previous.safetensors"),
    best: join(checkpoints, "best.safetensors"),
  };
}
