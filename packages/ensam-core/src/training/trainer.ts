import { type Place, placeAfter, poolSample, type Sample, type Turn } from "../samples/index.ts";
import { OutOfMemory } from "../tensors/index.ts";
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
  /** Without a sample: whether the file is not there. */
  readonly isMissing?: boolean;
  /** Without a sample: whether the file was there when training began, and is not any more. */
  readonly isGone?: boolean;
}

/**
 * What happened. After each event the state is whole: it can be saved, and training can end there.
 *
 * - failure: a case gave no sample and was left out
 * - retry: a sample did not fit into memory and was pooled once more
 * - sample: gradients of a sample were added
 * - step: the parameters were updated with the mean gradient of the last samples
 * - skip: the mean gradient of the last samples was not finite and was dropped; `inARow` counts such steps without one
 *   between
 * - epoch: every case had its turn
 */
export type TrainingEvent =
  | { readonly type: "failure"; readonly case: string; readonly error: string }
  | { readonly type: "retry"; readonly case: string; readonly shape: readonly number[]; readonly error: string }
  | { readonly type: "sample"; readonly record: SampleRecord }
  | ({ readonly type: "step" } & StepEvent)
  | ({ readonly type: "skip"; readonly inARow: number } & StepEvent)
  | { readonly type: "epoch"; readonly epoch: number };

export interface StepEvent extends Update {
  readonly epoch: number;
  readonly records: readonly SampleRecord[];
  /** Of the update alone; those of the samples are in their records. */
  readonly seconds: number;
}

/** Steps in a row without a finite gradient that end a run: the weights will not come back by themselves. */
export const mostSkips = 10;

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
 * @throws NonFiniteGradients after `mostSkips` steps in a row without a finite gradient, with the state as it was
 *   before them
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
      const { result, used, error: retried } = await stepOrSmallerStep(state, sample, settings, { recompute });
      if (retried !== undefined) yield { type: "retry", case: name, shape: used.frame.shape, error: retried };
      addGradients(state, result.gradients);
      const record = recordOf(name, used, result, { seconds: now() - begun, waitingSeconds });
      state.pending = [...state.pending, record];
    }
    state.place = placeAfter(turn, count);
    const epochIsOver = state.place.epoch > turn.epoch;
    const records = state.pending;
    if (records.length >= settings.accumulate || (epochIsOver && records.length > 0)) {
      yield await stepEvent(state, settings, { epoch: turn.epoch, records, now });
    } else if (records.length > 0) {
      yield { type: "sample", record: records.at(-1)! };
    }
    if (state.skipsInARow >= mostSkips) throw new NonFiniteGradients(state.skipsInARow, name);
    if (epochIsOver) yield { type: "epoch", epoch: turn.epoch };
    if (isDone(state, settings)) return;
    asked = now();
  }
}

/** Gradients that are not finite, step after step. */
export class NonFiniteGradients extends RangeError {
  override readonly name = "NonFiniteGradients";

  constructor(inARow: number, lastCase: string) {
    super(
      `training: gradients: expected a finite length, got none ${inARow} steps in a row, the last with ${lastCase}; ` +
        "a lower learning rate may help",
    );
  }
}

/** Whether the state has all the steps or epochs that the settings ask for. */
export function isDone(state: { step: number; place: Place }, { maxSteps, epochs }: TrainingSettings): boolean {
  return state.place.epoch >= epochs || (maxSteps !== undefined && state.step >= maxSteps);
}

/** An optimizer step with the gradients gathered; keeps count of those left out. */
async function stepEvent(
  state: TrainingState,
  settings: TrainingSettings,
  { epoch, records, now }: { epoch: number; records: readonly SampleRecord[]; now: () => number },
): Promise<TrainingEvent> {
  const begun = now();
  const done = await update(state, settings, epoch);
  const event = { epoch, records, ...done, seconds: now() - begun };
  if (done.isDone) {
    state.skipsInARow = 0;
    return { type: "step", ...event };
  }
  state.skips += 1;
  state.skipsInARow += 1;
  return { type: "skip", inARow: state.skipsInARow, ...event };
}

interface Stepped {
  readonly result: StepResult;
  /** The sample, or what it was pooled to. */
  readonly used: Sample;
  /** Why it was pooled. */
  readonly error?: string;
}

async function stepOrSmallerStep(
  state: TrainingState,
  sample: Sample,
  { clicks }: TrainingSettings,
  options: StepOptions,
): Promise<Stepped> {
  try {
    return { result: await trainStep(state.parameters, state.config, sample, clicks, options), used: sample };
  } catch (error) {
    if (!(error instanceof OutOfMemory)) throw error;
    const used = poolSample(sample);
    const result = await trainStep(state.parameters, state.config, used, clicks, options);
    return { result, used, error: error.message };
  }
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
