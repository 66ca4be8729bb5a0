import { type Place, placeAfter, poolSample, type Sample, type Turn } from "./sample/index.ts";
import type { TrainingSettings } from "./settings.ts";
import type { SampleRecord, TrainingState } from "./state.ts";
import type { StepOptions } from "./step.ts";
import { type StepResult, trainStep } from "./trainStep.ts";
import { addGradients, type Update, update } from "./update.ts";

/** A sample at its turn, or why there is none. */
export interface Prepared {
  readonly turn: Turn;
  readonly case: string;
  readonly sample?: Sample;
  readonly error?: string;
}

/**
 * What happened. After each event the state is whole: it can be saved, and training can end there.
 *
 * - failure: a case gave no sample and was left out
 * - retry: a sample did not fit into memory and was pooled once more
 * - sample: gradients of a sample were added
 * - step: the parameters were updated with the mean gradient of the last samples
 * - epoch: every case had its turn
 */
export type TrainingEvent =
  | { readonly type: "failure"; readonly case: string; readonly error: string }
  | { readonly type: "retry"; readonly case: string; readonly shape: readonly number[]; readonly error: string }
  | { readonly type: "sample"; readonly record: SampleRecord }
  | ({ readonly type: "step"; readonly epoch: number; readonly records: readonly SampleRecord[] } & Update)
  | { readonly type: "epoch"; readonly epoch: number };

export interface TrainerOptions extends StepOptions {
  /** Cases per epoch. */
  readonly count: number;
  /** A clock, in seconds. */
  readonly now: () => number;
}

/**
 * Trains on samples in their order, changing the state, and tells what happened. The last step of an epoch takes the
 * samples that are left. Ends after the samples or `maxSteps`.
 *
 * @throws OutOfMemory when a sample does not fit even when pooled once more
 * @throws RangeError when the loss is not a finite number
 */
export async function* train(
  state: TrainingState,
  settings: TrainingSettings,
  samples: AsyncIterable<Prepared>,
  { count, now, recompute }: TrainerOptions,
): AsyncGenerator<TrainingEvent> {
  if (isDone(state, settings)) return;
  let asked = now();
  for await (const { turn, case: name, sample, error } of samples) {
    const begun = now();
    const waitingSeconds = begun - asked;
    if (sample === undefined) {
      yield { type: "failure", case: name, error: error ?? "no sample" };
    } else {
      const { result, retry } = await stepOrSmallerStep(state, sample, settings, { recompute });
      if (retry !== undefined) yield { type: "retry", case: name, ...retry };
      refuseNonFinite(result, name);
      addGradients(state, result.gradients);
      const record = recordOf(name, sample, result, { seconds: now() - begun, waitingSeconds });
      state.pending = [...state.pending, record];
    }
    state.place = placeAfter(turn, count);
    const epochIsOver = state.place.epoch > turn.epoch;
    const records = state.pending;
    if (records.length >= settings.accumulate || (epochIsOver && records.length > 0)) {
      const done = await update(state, settings, turn.epoch);
      yield { type: "step", epoch: turn.epoch, records, ...done };
    } else if (records.length > 0) {
      yield { type: "sample", record: records.at(-1)! };
    }
    if (epochIsOver) yield { type: "epoch", epoch: turn.epoch };
    if (isDone(state, settings)) return;
    asked = now();
  }
}

/** Whether the state has all the steps or epochs that the settings ask for. */
export function isDone(state: { step: number; place: Place }, { maxSteps, epochs }: TrainingSettings): boolean {
  return state.place.epoch >= epochs || (maxSteps !== undefined && state.step >= maxSteps);
}

interface Retry {
  readonly shape: readonly number[];
  readonly error: string;
}

async function stepOrSmallerStep(
  state: TrainingState,
  sample: Sample,
  { clicks }: TrainingSettings,
  options: StepOptions,
): Promise<{ result: StepResult; retry?: Retry }> {
  try {
    return { result: await trainStep(state.parameters, state.config, sample, clicks, options) };
  } catch (error) {
    if (!isOutOfMemory(error)) throw error;
    const smaller = poolSample(sample);
    const result = await trainStep(state.parameters, state.config, smaller, clicks, options);
    return { result, retry: { shape: smaller.shape, error: error.message } };
  }
}

function isOutOfMemory(error: unknown): error is Error {
  return error instanceof Error && error.name === "OutOfMemory";
}

function refuseNonFinite({ loss, gradients }: StepResult, name: string): void {
  if (Number.isFinite(loss)) return;
  for (const gradient of Object.values(gradients)) gradient.dispose();
  throw new RangeError(`${name}: loss: expected a finite number, got ${loss}; a lower learning rate may help`);
}

function recordOf(
  name: string,
  sample: Sample,
  { loss, interactions, dsc }: StepResult,
  times: { seconds: number; waitingSeconds: number },
): SampleRecord {
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
  return {
    case: name,
    loss,
    dice: mean(interactions.map((interaction) => interaction.dice)),
    crossEntropy: mean(interactions.map((interaction) => interaction.crossEntropy)),
    dsc: dsc.map((value) => value ?? null),
    voxels: sample.volume.length,
    ...times,
  };
}
