import { initParameters, type ModelConfig, type Parameters, parametersFromValues, unitAxes } from "../model/index.ts";
import { disposeTensors, normalizeWeights, type OptimizerState } from "../optim/index.ts";
import type { Place } from "../samples/index.ts";
import { tf } from "../tensors/index.ts";
import { randomStream } from "../voxels/index.ts";
import { optimizerOf } from "./optimizerOf.ts";
import type { TrainingSettings } from "./settings.ts";

/** What one sample contributed to the step that is being gathered. */
export interface SampleRecord {
  readonly case: string;
  readonly loss: number;
  readonly dice: number;
  readonly crossEntropy: number;
  /** After the box and after each click; null where there was no interaction. */
  readonly dsc: readonly (number | null)[];
  readonly voxels: number;
  readonly seconds: number;
  readonly waitingSeconds: number;
}

/** A training run at one moment: all that the rest of it depends on, apart from the cases and the settings. */
export interface TrainingState {
  readonly config: ModelConfig;
  /** On the device. */
  parameters: Parameters;
  /** Moments and momentum by parameter, on the device. */
  optimizer: OptimizerState;
  /** Exponential average of the parameters, if one is kept. */
  average?: Parameters;
  /** Sum of the gradients of the samples in `pending`. */
  gradients?: Parameters;
  /** Samples gathered for the next optimizer step. */
  pending: readonly SampleRecord[];
  /** Optimizer steps done. */
  step: number;
  /** The next sample. */
  place: Place;
  /** Steps left out since the last one that was done, because their gradients were not finite. */
  skipsInARow: number;
  /** All steps left out so far. */
  skips: number;
}

/**
 * A run at its start: the initial values of `parameterTable`, drawn from the seed.
 *
 * @param initial  values to start with instead, for some of the names
 */
export function startTraining(
  config: ModelConfig,
  settings: TrainingSettings,
  initial: Readonly<Record<string, Float32Array>> = {},
): TrainingState {
  const drawn = initParameters(config, randomStream(settings.seed, "parameters"));
  const raw = parametersFromValues(config, { ...drawn, ...initial });
  const parameters = normalizeWeights(raw, unitAxes(config));
  disposeTensors(raw);
  return {
    config,
    parameters,
    optimizer: optimizerOf(settings).init(parameters),
    ...(settings.averageDecay !== undefined && { average: copyOf(parameters) }),
    pending: [],
    step: 0,
    place: { epoch: 0, position: 0 },
    skipsInARow: 0,
    skips: 0,
  };
}

/** The parameters to validate with and to hand out: the average where one is kept. */
export function weightsToUse(state: TrainingState): Parameters {
  return state.average ?? state.parameters;
}

/** Frees all tensors of a state. */
export function disposeTraining(state: TrainingState): void {
  for (const record of [state.parameters, state.optimizer.tensors, state.average, state.gradients]) {
    if (record !== undefined) disposeTensors(record);
  }
}

function copyOf(parameters: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, tf.clone(value)]));
}
