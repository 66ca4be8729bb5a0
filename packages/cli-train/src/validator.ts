import { type RunFolder, validationSlice, writeValidationSlice } from "@ensam/core/runs";
import { isDone, type TrainingSettings, type TrainingState, weightsToUse } from "@ensam/core/training";
import type { Failures } from "./failures.ts";
import type { TrainOptions } from "./options.ts";
import type { InputCase } from "./rows.ts";
import type { RunLog } from "./runLog.ts";
import type { Saver, Standing } from "./saver.ts";
import type { StopRequest } from "./stopRequest.ts";
import { validate } from "./validate.ts";

export interface ValidatorParts {
  readonly folder: RunFolder;
  readonly options: Pick<TrainOptions, "validateEvery" | "validateObjects">;
  readonly state: TrainingState;
  readonly settings: TrainingSettings;
  readonly standing: Standing;
  readonly log: RunLog;
  readonly stop: StopRequest;
  readonly now: () => number;
  readonly validation: readonly InputCase[];
  readonly saver: Saver;
  readonly failures: Failures;
  readonly epochsDone: () => number;
  readonly onUnknownSpacing: (name: string) => void;
}

/** Validates a run, and keeps its best weights. */
export interface Validator {
  isDue(): boolean;
  validate(): Promise<void>;
}

export function openValidator(parts: ValidatorParts): Validator {
  const { folder, options, state, settings, standing, log, stop, now, validation, saver, failures, epochsDone } = parts;
  return {
    isDue() {
      if (validation.length === 0 || state.step === 0 || state.pending.length > 0) return false;
      if (standing.validatedStep === state.step) return false;
      if (isDone(state, settings)) return true;
      const { validateEvery } = options;
      return validateEvery === undefined ? state.place.position === 0 : state.step % validateEvery === 0;
    },
    async validate() {
      const scores = await validate(weightsToUse(state), state.config, validation, {
        seed: settings.seed,
        clicks: settings.clicks,
        maxVoxels: settings.maxVoxels,
        objects: options.validateObjects,
        stopped: () => stop.reason() !== undefined,
        onFailure: (name, error) =>
          failures.add(name, "validation", error instanceof Error ? error.message : String(error)),
        now,
        onUnknownSpacing: parts.onUnknownSpacing,
        onPrediction: (prediction) => {
          // For whoever watches; a picture that cannot be written costs nothing.
          writeValidationSlice(folder.path, validationSlice({ ...prediction, step: state.step })).catch(
            () => undefined,
          );
        },
      });
      if (stop.reason() !== undefined) return;
      standing.validatedStep = state.step;
      if (scores === undefined) return;
      await log.write({ type: "validation", step: state.step, epoch: epochsDone(), ...scores });
      const { dscFinal } = scores;
      const { best } = standing;
      if (dscFinal === null || (best !== undefined && dscFinal <= best.dscFinal)) return;
      standing.best = { step: state.step, dscFinal };
      await saver.saveBest();
    },
  };
}
