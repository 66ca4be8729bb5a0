import { resolve } from "node:path";
import type { RunFolder } from "@ensam/core/runs";
import { checkpointOf, type TrainingSettings, type TrainingState } from "@ensam/core/training";
import type { CheckpointFiles } from "./checkpointFiles.ts";
import { trainVersion } from "./machine.ts";
import type { Best, RunNotes } from "./resume.ts";
import type { RunLog } from "./runLog.ts";

/** What changes in a run besides its state, and is saved with it. */
export interface Standing {
  /** Digest of the case rows. */
  readonly cases: string;
  best?: Best | undefined;
  /** Step of the last validation. */
  validatedStep?: number | undefined;
}

export interface SaverParts {
  readonly folder: RunFolder;
  readonly checkpoints: CheckpointFiles;
  readonly state: TrainingState;
  readonly settings: TrainingSettings;
  readonly standing: Standing;
  readonly log: RunLog;
  /** A clock, in seconds. */
  readonly now: () => number;
  /** Epochs done, with the part of the one under way. */
  readonly epochsDone: () => number;
}

/** Saves a run, and knows what is saved. */
export interface Saver {
  /** The state as it is now, with a row. */
  saveLast(): Promise<void>;
  /** The weights as they are now, as the best so far, with a row. */
  saveBest(): Promise<void>;
  /** Saves what is not saved yet, without a row, for a run that an error ends. */
  saveQuietly(): Promise<void>;
  /** Whether the state as it is now is the last checkpoint. */
  isSaved(): boolean;
  /** Since the last checkpoint, or the beginning. */
  secondsUnsaved(): number;
  /** Whether there is a checkpoint of this run. */
  savedOnce(): boolean;
}

export function openSaver(parts: SaverParts): Saver {
  const { folder, checkpoints, state, settings, standing, log, now, epochsDone } = parts;
  let saved = placeOf(state);
  let savedSeconds = now();
  let savedOnce = state.step > 0;
  const isSaved = () => saved === placeOf(state);

  const payloadNow = () => {
    const { cases, best, validatedStep } = standing;
    const run: RunNotes = { cases, ...(best && { best }), ...(validatedStep !== undefined && { validatedStep }) };
    return checkpointOf(state, settings, { version: trainVersion(), run: { ...run } });
  };
  const writeRow = (kind: "last" | "best") =>
    log.write({ type: "checkpoint", step: state.step, epoch: epochsDone(), path: resolve(folder[kind]), kind });

  return {
    isSaved,
    secondsUnsaved: () => now() - savedSeconds,
    savedOnce: () => savedOnce,
    async saveLast() {
      await checkpoints.saveLast(await payloadNow());
      await writeRow("last");
      saved = placeOf(state);
      savedSeconds = now();
      savedOnce = true;
    },
    async saveBest() {
      await checkpoints.saveBest(await payloadNow());
      await writeRow("best");
    },
    async saveQuietly() {
      if (state.skipsInARow === 0 && !isSaved()) await checkpoints.saveLast(await payloadNow());
    },
  };
}

/** Names the state's place in the run. */
function placeOf({ step, place, pending }: TrainingState): string {
  return [step, place.epoch, place.position, pending.length].join();
}
