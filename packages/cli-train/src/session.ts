import { resolve } from "node:path";
import { type Context, exitCodes, InputError } from "@ensam/core/command";
import { type RunFolder, validationSlice, writeValidationSlice } from "@ensam/core/runs";
import {
  checkpointOf,
  isDone,
  type NonFiniteGradients,
  type TrainingEvent,
  type TrainingSettings,
  type TrainingState,
  weightsToUse,
} from "@ensam/core/training";
import type { CheckpointFiles } from "./checkpointFiles.ts";
import { drawCurves } from "./drawCurves.ts";
import { trainVersion } from "./machine.ts";
import type { TrainOptions } from "./options.ts";
import type { Best, RunNotes } from "./resume.ts";
import type { InputCase } from "./rows.ts";
import type { RunLog } from "./runLog.ts";
import { skipRow, stepRow } from "./stepRow.ts";
import type { StopRequest } from "./stopRequest.ts";
import { validate } from "./validate.ts";

/** A checkpoint is written at least this often, however long a step takes. */
const longestUnsavedSeconds = 900;

/** Epochs longer than this part of `--checkpoint-every` are saved at their end. */
const leastEpochShare = 10;

export interface SessionParts {
  readonly folder: RunFolder;
  readonly checkpoints: CheckpointFiles;
  readonly state: TrainingState;
  readonly settings: TrainingSettings;
  readonly log: RunLog;
  readonly stop: StopRequest;
  /** A clock, in seconds. */
  readonly now: () => number;
  readonly cases: readonly InputCase[];
  readonly validation: readonly InputCase[];
  readonly digest: string;
  readonly best?: Best;
  readonly validatedStep?: number;
}

/** What surrounds training: rows, validation, checkpoints, the end. */
export interface Session {
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

export function openSession(context: Context<TrainOptions>, parts: SessionParts): Session {
  const { folder, checkpoints, state, settings, log, stop, now, cases, validation, digest } = parts;
  const { options } = context;
  const stepsPerEpoch = Math.ceil(cases.length / settings.accumulate);
  const progress = context.progress(Math.min(settings.epochs * stepsPerEpoch, settings.maxSteps ?? Infinity), "steps");
  progress.advance(state.step, "");
  // Epochs of a few steps would be more saving than training.
  const savesEachEpoch = stepsPerEpoch * leastEpochShare >= options.checkpointEvery;
  const begun = now();
  const failed = new Set<string>();
  const pooledAgain: string[] = [];
  let { best, validatedStep } = parts;
  let saved = savedAt(state);
  let savedSeconds = now();
  let savedOnce = state.step > 0;
  let samples = 0;

  const epochsDone = () => state.place.epoch + state.place.position / cases.length;
  const failure = async (name: string, stage: string, error: string) => {
    if (failed.has(name)) return; // Said once, not in every epoch.
    failed.add(name);
    context.log.warn(`${stage === "sample" ? "" : `${stage}: `}${error}`);
    await log.write({ type: "failure", case: name, stage, error });
  };

  const validationIsDue = () => {
    if (validation.length === 0 || state.step === 0 || state.pending.length > 0) return false;
    if (validatedStep === state.step) return false;
    if (isDone(state, settings)) return true;
    return options.validateEvery === undefined ? state.place.position === 0 : state.step % options.validateEvery === 0;
  };

  const validateNow = async () => {
    const scores = await validate(weightsToUse(state), state.config, validation, {
      seed: settings.seed,
      clicks: settings.clicks,
      maxVoxels: settings.maxVoxels,
      objects: options.validateObjects,
      stopped: () => stop.reason() !== undefined,
      onFailure: (name, error) => failure(name, "validation", error instanceof Error ? error.message : String(error)),
      now,
      onPrediction: (prediction) => {
        // For whoever watches; a picture that cannot be written costs nothing.
        writeValidationSlice(folder.path, validationSlice({ ...prediction, step: state.step })).catch(() => undefined);
      },
    });
    if (stop.reason() !== undefined) return;
    validatedStep = state.step;
    if (scores === undefined) return;
    await log.write({ type: "validation", step: state.step, epoch: epochsDone(), ...scores });
    const { dscFinal } = scores;
    if (dscFinal === null || (best !== undefined && dscFinal <= best.dscFinal)) return;
    best = { step: state.step, dscFinal };
    await save("best");
  };

  const payloadNow = () => {
    const run: RunNotes = {
      cases: digest,
      ...(best && { best }),
      ...(validatedStep !== undefined && { validatedStep }),
    };
    return checkpointOf(state, settings, { version: trainVersion(), run: { ...run } });
  };

  const save = async (which: "last" | "best") => {
    const payload = await payloadNow();
    if (which === "best") await checkpoints.saveBest(payload);
    else await checkpoints.saveLast(payload);
    const path = resolve(folder[which]);
    await log.write({ type: "checkpoint", step: state.step, epoch: epochsDone(), path, kind: which });
  };

  const saveLastNow = async () => {
    await save("last");
    saved = savedAt(state);
    savedSeconds = now();
    savedOnce = true;
  };

  const settle = async () => {
    // Weights that give no finite gradients do not take the place of good ones.
    if (state.skipsInARow > 0) return;
    const wasDue = validationIsDue();
    if (wasDue) await validateNow();
    if (saved === savedAt(state) && !wasDue) return;
    if (state.step === 0 && state.pending.length === 0) return;
    const epochIsOver = state.pending.length === 0 && state.place.position === 0 && savesEachEpoch;
    const stepsAreOver = state.pending.length === 0 && state.step % options.checkpointEvery === 0;
    if (epochIsOver || stepsAreOver || now() - savedSeconds > longestUnsavedSeconds) await saveLastNow();
    if (epochIsOver) await drawCurves(context, folder, log);
  };

  const writeEnd = async (reason: string) => {
    await log.write({
      type: "end",
      step: state.step,
      epoch: epochsDone(),
      reason,
      samples,
      seconds: now() - begun,
      failedCases: failed.size,
      ...(state.skips > 0 && { skippedSteps: state.skips }),
      ...(best && { best }),
    });
    await drawCurves(context, folder, log);
  };

  return {
    settle: async () => {
      if (validationIsDue()) await settle();
    },
    take: async (event) => {
      if (event.type === "failure") await failure(event.case, "sample", event.error);
      if (event.type === "retry") {
        pooledAgain.push(event.case);
        context.log.warn(`${event.case}: out of memory, tried again at [${event.shape}]: ${event.error}`);
      }
      if (event.type === "step") {
        samples += event.records.length;
        const row = stepRow(event, epochsDone());
        await log.write(pooledAgain.length === 0 ? row : { ...row, pooledAgain: pooledAgain.splice(0) });
        progress.advance(1, `loss ${row.loss?.toFixed(4)}`);
      }
      if (event.type === "skip") {
        samples += event.records.length;
        const row = skipRow(event, epochsDone());
        context.log.warn(`step ${row.step} is left out (${row.inARow} in a row): ${row.reason}`);
        await log.write(row);
      }
      await settle();
    },
    checkpointNow: async () => {
      if (state.step > 0 || state.pending.length > 0) await saveLastNow();
    },
    validateNow: async () => {
      if (validation.length > 0) await validateNow();
      else context.log.warn("asked to validate: expected --validate ROWS when the run was started, got none");
    },
    saveQuietly: async () => {
      if (state.skipsInARow === 0 && saved !== savedAt(state)) await checkpoints.saveLast(await payloadNow());
    },
    end: async () => {
      const reason = isDone(state, settings) ? "done" : stop.reason();
      progress.done();
      if (reason === undefined || (reason === "done" && state.step === 0)) {
        throw new InputError(`expected at least one case that gives a sample, got ${failed.size} that failed`);
      }
      if (saved !== savedAt(state)) await saveLastNow();
      await writeEnd(reason);
      if (reason !== "done") {
        context.note(`stopped (${reason}) after step ${state.step}; run the same command again to go on`);
        return exitCodes.interrupted;
      }
      return failed.size > 0 ? exitCodes.someFailed : exitCodes.done;
    },
    giveUp: async (error) => {
      progress.done();
      await writeEnd("gradients not finite");
      const kept = savedOnce ? `${folder.last} is the last good checkpoint` : "there is no checkpoint yet";
      context.log.warn(`${error.message}; ${kept}`);
      return exitCodes.input; // Not 1: make would take the run for trained.
    },
  };
}

/** Names the state's place in the run. */
function savedAt({ step, place, pending }: TrainingState): string {
  return [step, place.epoch, place.position, pending.length].join();
}
