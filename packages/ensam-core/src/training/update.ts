import { type Parameters, unitAxes } from "../model/index.ts";
import { averageWeights, clipByGlobalNorm, disposeTensors, learningRateAt, normalizeWeights } from "../optim/index.ts";
import { tf } from "../tensors/index.ts";
import { optimizerOf } from "./optimizerOf.ts";
import type { TrainingSettings } from "./settings.ts";
import type { TrainingState } from "./state.ts";

/** Adds a sample's gradients to those gathered; the given ones are used up. */
export function addGradients(state: TrainingState, gradients: Parameters): void {
  const before = state.gradients;
  if (before === undefined) {
    state.gradients = gradients;
    return;
  }
  try {
    state.gradients = tf.tidy(() =>
      Object.fromEntries(Object.entries(gradients).map(([name, gradient]) => [name, tf.add(before[name]!, gradient)])),
    );
  } finally {
    disposeTensors(gradients);
  }
  disposeTensors(before);
}

/** Longer than any gradient, and still a float32. */
const noLimit = 3e38;

/** An optimizer step, as done or left out. */
export interface Update {
  /** Steps done, this one included if it was done. */
  readonly step: number;
  readonly learningRate: number;
  /** Length of the mean gradient, before it was cut. */
  readonly gradientNorm: number;
  /** Whether weights and optimizer took the gradient; else it was not finite, and they are as before. */
  readonly isDone: boolean;
}

/**
 * One optimizer step with the mean of the gradients gathered: cut to `clipNorm` together, Muon and AdamW, the weights
 * on the hypersphere brought back to unit length (ENSAM §2.2.2), the average moved along. A gradient of a length that
 * is not finite is dropped before anything is changed, and an update that runs out of memory leaves the state as it
 * was.
 */
export async function update(state: TrainingState, settings: TrainingSettings, epoch: number): Promise<Update> {
  const { gradients: sums } = state;
  if (sums === undefined) throw new Error("update: expected gathered gradients, got none");
  const learningRate = learningRateAt(settings, epoch);
  const { gradients, norm } = clippedMean(sums, state.pending.length, settings.clipNorm);
  try {
    const gradientNorm = (await norm.data())[0]!;
    const isDone = Number.isFinite(gradientNorm);
    if (isDone) moveWeights(state, gradients, settings, learningRate);
    disposeTensors(sums);
    state.gradients = undefined;
    state.pending = [];
    return { step: state.step, learningRate, gradientNorm, isDone };
  } finally {
    norm.dispose();
    disposeTensors(gradients);
  }
}

function clippedMean(sums: Readonly<Parameters>, count: number, clipNorm: number) {
  return tf.tidy(() => clipByGlobalNorm(scaled(sums, 1 / count), clipNorm > 0 ? clipNorm : noLimit));
}

/** Takes a step along finite gradients. */
function moveWeights(
  state: TrainingState,
  gradients: Readonly<Parameters>,
  settings: TrainingSettings,
  learningRate: number,
): void {
  const { parameters, optimizer, average } = tf.tidy(() => {
    const next = optimizerOf(settings).update(state.parameters, gradients, state.optimizer, learningRate);
    const parameters = normalizeWeights(next.parameters, unitAxes(state.config));
    const average = state.average && averageWeights(state.average, parameters, settings.averageDecay ?? 0);
    return { parameters, optimizer: { ...next.state }, average };
  });
  for (const record of [state.parameters, state.optimizer.tensors, state.average]) if (record) disposeTensors(record);
  state.parameters = parameters;
  state.optimizer = optimizer;
  state.average = average;
  state.step = optimizer.steps;
}

function scaled(record: Readonly<Parameters>, factor: number): Parameters {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, tf.mul(value, factor)]));
}
