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
  state.gradients = Object.fromEntries(
    Object.entries(gradients).map(([name, gradient]) => [name, tf.add(before[name]!, gradient)]),
  );
  disposeTensors(before);
  disposeTensors(gradients);
}

/** Longer than any gradient, and still a float32. */
const noLimit = 3e38;

/** An optimizer step, as done. */
export interface Update {
  /** Steps done, this one included. */
  readonly step: number;
  readonly learningRate: number;
  /** Length of the mean gradient, before it was cut. */
  readonly gradientNorm: number;
}

/**
 * One optimizer step with the mean of the gradients gathered: cut to `clipNorm` together, Muon and AdamW, the weights on
 * the hypersphere brought back to unit length (ENSAM §2.2.2), the average moved along.
 */
export async function update(state: TrainingState, settings: TrainingSettings, epoch: number): Promise<Update> {
  const sums = state.gradients;
  if (sums === undefined) throw new Error("update: expected gathered gradients, got none");
  const mean = scaled(sums, 1 / state.pending.length);
  const { gradients, norm } = clipByGlobalNorm(mean, settings.clipNorm > 0 ? settings.clipNorm : noLimit);
  const learningRate = learningRateAt(settings, epoch);
  const next = optimizerOf(settings).update(state.parameters, gradients, state.optimizer, learningRate);
  const parameters = normalizeWeights(next.parameters, unitAxes(state.config));
  const average = state.average && averageWeights(state.average, parameters, settings.averageDecay ?? 0);
  const [gradientNorm] = await norm.data();

  norm.dispose();
  const old = [sums, mean, gradients, state.parameters, next.parameters, state.optimizer.tensors, state.average];
  for (const record of old) if (record !== undefined) disposeTensors(record);
  state.parameters = parameters;
  state.optimizer = next.state;
  state.average = average;
  state.gradients = undefined;
  state.pending = [];
  state.step = next.state.steps;
  return { step: state.step, learningRate, gradientNorm: gradientNorm! };
}

function scaled(record: Readonly<Parameters>, factor: number): Parameters {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, tf.mul(value, factor)]));
}
