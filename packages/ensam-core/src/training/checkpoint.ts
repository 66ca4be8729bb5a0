import { type ModelConfig, parameterTable } from "../model/index.ts";
import type { Place } from "../samples/index.ts";
import { tf } from "../tensors/index.ts";
import type { TrainingSettings } from "./settings.ts";
import { disposeTraining, type SampleRecord, startTraining, type TrainingState } from "./state.ts";

/**
 * What a checkpoint file holds. Tensors: the parameters under their names, and with prefixes the rest: `optimizer.`
 * (`optimizer.NAME.momentum` for Muon, `.mean` and `.square` for AdamW), `ema.` (the average of the weights),
 * `gradient.` (of a step that was being gathered). Metadata: `format`, `version`,
 * `config` (the model), `settings`, `progress`, `run` (of the caller), each but the first two as JSON.
 */
export interface CheckpointPayload {
  readonly tensors: Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>;
  readonly metadata: Record<string, string>;
}

/** Where a run stood. */
export interface Progress {
  readonly step: number;
  readonly place: Place;
  readonly pending: readonly SampleRecord[];
  /** Steps left out; absent where none was. */
  readonly skips?: number;
  readonly skipsInARow?: number;
}

/** What a checkpoint says besides its tensors. */
export interface CheckpointNotes {
  readonly config: ModelConfig;
  readonly settings: TrainingSettings;
  readonly progress: Progress;
  /** Whatever the caller added: its options, its best validation, the hash of its input. */
  readonly run: Readonly<Record<string, unknown>>;
}

export const format = "ensam-training-1";
export const prefixes = { optimizer: "optimizer.", average: "ema.", gradients: "gradient." } as const;

/** A state as plain arrays, read back from the device. */
export async function checkpointOf(
  state: TrainingState,
  settings: TrainingSettings,
  extra: { version: string; run: Readonly<Record<string, unknown>> },
): Promise<CheckpointPayload> {
  const named = {
    ...state.parameters,
    ...prefixed(prefixes.optimizer, state.optimizer.tensors),
    ...prefixed(prefixes.average, state.average),
    ...prefixed(prefixes.gradients, state.gradients),
  };
  const tensors: CheckpointPayload["tensors"] = {};
  for (const [name, tensor] of Object.entries(named)) {
    tensors[name] = { shape: [...tensor.shape], data: Float32Array.from(await tensor.data()) };
  }
  const { config } = state;
  return {
    tensors,
    metadata: {
      format,
      version: extra.version,
      config: JSON.stringify(config),
      settings: JSON.stringify(settings),
      progress: JSON.stringify(progressOf(state)),
      run: JSON.stringify(extra.run),
    },
  };
}

function progressOf({ step, place, pending, skips, skipsInARow }: TrainingState): Progress {
  return { step, place, pending, ...(skips > 0 && { skips, skipsInARow }) };
}

export function checkpointNotes({ metadata }: CheckpointPayload): CheckpointNotes {
  return {
    config: JSON.parse(metadata.config!),
    settings: JSON.parse(metadata.settings!),
    progress: JSON.parse(metadata.progress!),
    run: JSON.parse(metadata.run!),
  };
}

/**
 * The state that was saved, on the device that is open now: training goes on from it as if it had not stopped.
 *
 * @throws RangeError `NAME: expected a tensor [..], got ..` when a tensor is missing or of another shape
 */
export function restoreTraining(payload: CheckpointPayload, settings: TrainingSettings): TrainingState {
  const { config, progress } = checkpointNotes(payload);
  const start = startTraining(config, settings);
  const restored = (prefix: string, like: Readonly<Record<string, tf.Tensor>>) =>
    Object.fromEntries(Object.entries(like).map(([name, { shape }]) => [name, stored(payload, prefix + name, shape)]));
  const state: TrainingState = {
    config,
    skips: 0,
    skipsInARow: 0,
    ...progress,
    parameters: restored("", start.parameters),
    optimizer: { steps: progress.step, tensors: restored(prefixes.optimizer, start.optimizer.tensors) },
    ...(start.average && { average: restored(prefixes.average, start.average) }),
    ...(progress.pending.length > 0 && { gradients: restored(prefixes.gradients, start.parameters) }),
  };
  disposeTraining(start);
  return state;
}

/** What of a checkpoint fits a model, to start with, and what does not. */
export interface FittingWeights {
  readonly weights: Record<string, Float32Array>;
  /** Names the model has and the checkpoint lacks. */
  readonly missing: readonly string[];
  /** Names both have, in different shapes. */
  readonly otherShape: readonly string[];
  /** Names only the checkpoint has. */
  readonly unused: readonly string[];
  /** How much of the model they are, of all its numbers: 0 to 1. */
  readonly share: number;
}

/** The weights of another checkpoint (its average where it has one) for a model that may differ. */
export function fittingWeights({ tensors }: Pick<CheckpointPayload, "tensors">, config: ModelConfig): FittingWeights {
  const table = parameterTable(config);
  const weights: FittingWeights["weights"] = {};
  const [missing, otherShape]: [string[], string[]] = [[], []];
  for (const { name, shape } of table) {
    const found = tensors[prefixes.average + name] ?? tensors[name];
    if (found === undefined) missing.push(name);
    else if (found.shape.join() !== shape.join()) otherShape.push(name);
    else weights[name] = Float32Array.from(found.data);
  }
  const known = new Set(table.map(({ name }) => name));
  const extra = Object.values(prefixes);
  const unused = Object.keys(tensors).filter(
    (name) => !known.has(name) && !extra.some((prefix) => name.startsWith(prefix)),
  );
  const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
  const all = table.reduce((sum, { shape }) => sum + size(shape), 0);
  const fitting = Object.values(weights).reduce((sum, { length }) => sum + length, 0);
  return { weights, missing, otherShape, unused, share: fitting / all };
}

function stored({ tensors }: CheckpointPayload, name: string, shape: readonly number[]): tf.Tensor {
  const found = tensors[name];
  if (found === undefined || found.shape.join() !== shape.join()) {
    throw new RangeError(`${name}: expected a tensor [${shape}], got ${found ? `[${found.shape}]` : "none"}`);
  }
  return tf.tensor(found.data, [...shape], "float32");
}

function prefixed<Value>(prefix: string, record: Readonly<Record<string, Value>> = {}): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));
}
