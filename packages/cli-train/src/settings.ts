import { UsageError } from "@ensam/core/command";
import { checkConfig, deepened, type ModelConfig, presets } from "@ensam/core/model";
import type { Precision } from "@ensam/core/tensors";
import type { TrainingSettings } from "@ensam/core/training";
import type { TrainOptions } from "./options.ts";

/** The network that the options ask for. */
export function configOf({ preset, position, attention, prompts, coordinates, levels }: TrainOptions): ModelConfig {
  // The paper's way is not named, so that configurations of older checkpoints are the same.
  const others = {
    ...(prompts !== "attention" && { prompts }),
    ...(coordinates !== "voxels" && { coordinates }),
  };
  const config = { ...presets[preset], position, attention, ...others };
  return checkConfig(levels === 5 ? deepened(config) : config);
}

/** Refuses options under which some samples would have no prompt at all. */
export function checkPromptShares({ clicks, noBox }: Pick<TrainOptions, "clicks" | "noBox">): void {
  if (clicks > 0 || noBox === 0) return;
  throw new UsageError(
    `--clicks 0: expected --no-box 0 beside it (a sample without box begins with a click), got ${noBox}`,
  );
}

/**
 * How the options ask to train: what determines the result, and nothing of the machine but the arithmetic of its
 * convolutions.
 *
 * @param precision  what `--precision` came to on the device
 */
export function settingsOf(options: TrainOptions, precision: Precision = "f32"): TrainingSettings {
  return {
    seed: options.seed,
    epochs: options.epochs,
    ...(options.maxSteps !== undefined && { maxSteps: options.maxSteps }),
    accumulate: options.accumulate,
    clicks: options.clicks,
    optimizer: options.optimizer,
    groups: options.groups,
    learningRate: options.lr,
    halveAt: options.halveAt,
    weightDecay: options.weightDecay,
    clipNorm: options.clip,
    ...(options.ema !== undefined && { averageDecay: options.ema }),
    maxVoxels: options.maxVoxels,
    noBox: options.noBox,
    ...(precision !== "f32" && { precision }),
    ...(options.convolution !== "direct" && { convolution: options.convolution }),
  };
}

/** Settings that may differ when a run goes on: it gets longer or shorter, and what was done stays as it is. */
const extensible = new Set(["epochs", "maxSteps"]);

export interface Changes {
  /** `NAME: OLD -> NEW`, for what changes the result. */
  readonly refused: readonly string[];
  /** The same, for what only makes the run longer or shorter. */
  readonly extended: readonly string[];
}

/** How a run would differ from the one it goes on from. */
export function changesBetween(
  before: { config: ModelConfig; settings: TrainingSettings; cases: unknown },
  now: { config: ModelConfig; settings: TrainingSettings; cases: unknown },
): Changes {
  const flat = (run: typeof before) =>
    ({ precision: "f32", convolution: "direct", ...run.config, ...run.settings, cases: run.cases }) as Record<
      string,
      unknown
    >;
  const [old, fresh] = [flat(before), flat(now)];
  const changed = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter(
    (key) => JSON.stringify(old[key]) !== JSON.stringify(fresh[key]),
  );
  const words = (key: string) => `${key}: ${said(old[key])} -> ${said(fresh[key])}`;
  return {
    refused: changed.filter((key) => !extensible.has(key)).map(words),
    extended: changed.filter((key) => extensible.has(key)).map(words),
  };
}

function said(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
