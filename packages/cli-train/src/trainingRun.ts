import { type Context, exitCodes, InputError } from "@ensam/core/command";
import { isDone, type NonFiniteGradients, type TrainingEvent } from "@ensam/core/training";
import { drawCurves } from "./drawCurves.ts";
import { openFailures } from "./failures.ts";
import type { TrainOptions } from "./options.ts";
import type { InputCase } from "./rows.ts";
import { openSaver, type SaverParts } from "./saver.ts";
import { openStepRows } from "./stepRows.ts";
import type { StopRequest } from "./stopRequest.ts";
import { openValidator } from "./validator.ts";

/** A checkpoint is written at least this often, however long a step takes. */
const longestUnsavedSeconds = 900;

/** Epochs longer than this part of `--checkpoint-every` are saved at their end. */
const leastEpochShare = 10;

/** What a run is made of, besides its options. */
export interface RunParts extends Omit<SaverParts, "epochsDone"> {
  readonly stop: StopRequest;
  readonly cases: readonly InputCase[];
  readonly validation: readonly InputCase[];
  /** Told of each case whose voxel size the model asks for and the file does not say. */
  readonly onUnknownSpacing: (name: string) => void;
}

/** What surrounds training: rows, validation, checkpoints, the end. */
export interface TrainingRun {
  /** Does what was due when a run before this one stopped. */
  settle(): Promise<void>;
  take(event: TrainingEvent): Promise<void>;
  /** Saves, because somebody asked for it. */
  checkpointNow(): Promise<void>;
  /** Validates, because somebody asked for it. */
  validateNow(): Promise<void>;
  /** Saves, writes the last row and the curves; returns the exit code. */
  end(): Promise<number>;
  /** The same for a run that cannot go on, without saving: the last checkpoint stays as it is. */
  giveUp(error: NonFiniteGradients): Promise<number>;
  /** Saves without a row, for a run that an error ends. */
  saveQuietly(): Promise<void>;
}

export function openTrainingRun(context: Context<TrainOptions>, parts: RunParts): TrainingRun {
  const { folder, state, settings, standing, log, stop, now, cases, validation } = parts;
  const { options } = context;
  const stepsPerEpoch = Math.ceil(cases.length / settings.accumulate);
  const steps = Math.min(settings.epochs * stepsPerEpoch, settings.maxSteps ?? Infinity);
  const progress = context.progress(steps, "steps", state.step);
  // Epochs of a few steps would be more saving than training.
  const savesEachEpoch = stepsPerEpoch * leastEpochShare >= options.checkpointEvery;
  const begun = now();
  const epochsDone = () => state.place.epoch + state.place.position / cases.length;
  const saver = openSaver({ ...parts, epochsDone });
  const failures = openFailures(context, log);
  const validator = openValidator({ ...parts, options, saver, failures, epochsDone });
  const rows = openStepRows(context, { log, progress, failures, epochsDone });

  const settle = async () => {
    // Weights that give no finite gradients do not take the place of good ones.
    if (state.skipsInARow > 0) return;
    const wasDue = validator.isDue();
    if (wasDue) await validator.validate();
    if (saver.isSaved() && !wasDue) return;
    if (state.step === 0 && state.pending.length === 0) return;
    const epochIsOver = state.pending.length === 0 && state.place.position === 0 && savesEachEpoch;
    const stepsAreOver = state.pending.length === 0 && state.step % options.checkpointEvery === 0;
    if (epochIsOver || stepsAreOver || saver.secondsUnsaved() > longestUnsavedSeconds) await saver.saveLast();
    if (epochIsOver) await drawCurves(context, folder, log);
  };

  const writeEnd = async (reason: string) => {
    const { best } = standing;
    await log.write({
      type: "end",
      step: state.step,
      epoch: epochsDone(),
      reason,
      samples: rows.samples(),
      seconds: now() - begun,
      failedCases: failures.count(),
      ...(state.skips > 0 && { skippedSteps: state.skips }),
      ...(best && { best }),
    });
    await drawCurves(context, folder, log);
  };

  return {
    saveQuietly: saver.saveQuietly,
    settle: async () => {
      if (validator.isDue()) await settle();
    },
    take: async (event) => {
      await rows.take(event);
      await settle();
    },
    checkpointNow: async () => {
      if (state.step > 0 || state.pending.length > 0) await saver.saveLast();
    },
    validateNow: async () => {
      if (validation.length > 0) await validator.validate();
      else context.log.warn("asked to validate: expected --validate ROWS when the run was started, got none");
    },
    end: async () => {
      const reason = isDone(state, settings) ? "done" : stop.reason();
      progress.done();
      if (reason === undefined || (reason === "done" && state.step === 0)) {
        throw new InputError(`expected at least one case that gives a sample, got ${failures.count()} that failed`);
      }
      if (!saver.isSaved()) await saver.saveLast();
      await writeEnd(reason);
      if (reason !== "done") {
        context.note(`stopped (${reason}) after step ${state.step}; run the same command again to go on`);
        return exitCodes.interrupted;
      }
      return failures.count() > 0 ? exitCodes.someFailed : exitCodes.done;
    },
    giveUp: async (error) => {
      progress.done();
      await writeEnd("gradients not finite");
      const kept = saver.savedOnce() ? `${folder.last} is the last good checkpoint` : "there is no checkpoint yet";
      context.log.warn(`${error.message}; ${kept}`);
      return exitCodes.input; // Not 1: make would take the run for trained.
    },
  };
}
