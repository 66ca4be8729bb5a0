import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { builtinModel, type Context, InputError, modelOrBuiltin, UsageError } from "@ensam/core/command";
import type { ModelConfig } from "@ensam/core/model";
import type { RunFolder } from "@ensam/core/runs";
import {
  type CheckpointPayload,
  checkpointNotes,
  fittingWeights,
  restoreTraining,
  startTraining,
  type TrainingSettings,
  type TrainingState,
} from "@ensam/core/training";
import { type FoundCheckpoint, loadAny, loadCheckpoint, loadNewest } from "./checkpointFiles.ts";
import type { TrainOptions } from "./options.ts";
import { changesBetween } from "./settings.ts";

/** The best validation so far. */
export interface Best {
  readonly step: number;
  readonly dscFinal: number;
}

/** What a run adds to its checkpoints; nothing that depends on the machine or the clock. */
export interface RunNotes {
  /** Digest of the case rows. */
  readonly cases: string;
  readonly best?: Best;
  /** Step of the last validation. */
  readonly validatedStep?: number;
}

export interface Begun {
  readonly state: TrainingState;
  readonly resumed: boolean;
  /** The checkpoint that was gone on from or that gave the first weights. */
  readonly from?: string;
  readonly best?: Best;
  readonly validatedStep?: number;
}

/** What begins with fewer of its numbers from a file is another model, trained from scratch. */
const leastShare = 0.5;

/** A run's identity: going on with another one is refused. */
export interface RunIdentity {
  readonly config: ModelConfig;
  readonly settings: TrainingSettings;
  readonly cases: string;
}

/**
 * The state to train from: that of the checkpoint to go on from, or a fresh one, with the weights of `--init` if given.
 *
 * @throws UsageError when the run that would go on had other settings or cases, unless changes are allowed
 */
export async function beginOrResume(
  context: Context<TrainOptions>,
  folder: RunFolder,
  identity: RunIdentity,
): Promise<Begun> {
  const { options } = context;
  const found = await checkpointToResume(context, folder);
  if (found !== undefined) {
    if (options.init !== undefined) context.note(`--init is not used: the run goes on from ${found.path}`);
    return resumed(context, found, identity);
  }
  if (options.init === undefined) {
    return { state: startTraining(identity.config, identity.settings), resumed: false };
  }
  const { path } = await modelOrBuiltin(context, options.init, undefined, "--init");
  const file = loadAny(path);
  const { weights, missing, otherShape, unused, share } = fittingWeights(file.payload, identity.config);
  const fitting = Object.keys(weights).length;
  if (share < leastShare) {
    const words = options.init === builtinModel ? "; the weights in the box fit --preset small --prompts both" : "";
    const all = fitting + missing.length + otherShape.length;
    throw new InputError(
      `--init: ${file.path}: expected weights of a model like this one, got ${fitting} of ${all} tensors that fit, ${(100 * share).toFixed(0)} % of its numbers${words}`,
    );
  }
  context.note(`weights from ${file.path}: ${fitting} tensors, ${(100 * share).toFixed(1)} % of the model's numbers`);
  listNames(context.log.warn, "not in it, drawn afresh", missing);
  listNames(context.log.warn, "of another shape, drawn afresh", otherShape);
  listNames(context.note, "in it, not in the model", unused);
  return { state: startTraining(identity.config, identity.settings, weights), resumed: false, from: file.path };
}

async function checkpointToResume(
  context: Context<TrainOptions>,
  folder: RunFolder,
): Promise<FoundCheckpoint | undefined> {
  const { resume } = context.options;
  if (resume === "never") return undefined;
  if (resume === "auto") return loadNewest(folder, context.log.warn);
  const path = resolve(context.streams.cwd, resume);
  if (!existsSync(path)) {
    throw new UsageError(`--resume: expected auto, never or an existing checkpoint, got "${resume}"`);
  }
  return { path, payload: loadCheckpoint(path) };
}

function resumed(context: Context<TrainOptions>, { path, payload }: FoundCheckpoint, identity: RunIdentity): Begun {
  const { config, settings, run } = checkpointNotes(payload);
  const notes = run as unknown as RunNotes;
  const { refused, extended } = changesBetween({ config, settings, cases: notes.cases }, identity);
  if (refused.length > 0 && !context.options.allowChanges) {
    throw new UsageError(
      `${path}: expected the options of the run that goes on, got ${refused.join("; ")} (--allow-changes, --resume never or another --output)`,
    );
  }
  for (const change of [...refused, ...extended]) context.note(`changed on resuming: ${change}`);
  // A network of another form cannot go on, whatever is allowed.
  if (JSON.stringify(config) !== JSON.stringify(identity.config)) {
    throw new UsageError(`${path}: expected the same model, got another one: use --init ${path} with a new --output`);
  }
  const state = restored(path, payload, identity.settings);
  context.note(
    `going on from ${path}: step ${state.step}, epoch ${state.place.epoch}, ${state.place.position} samples in`,
  );
  const { best, validatedStep } = notes;
  return {
    state,
    resumed: true,
    from: path,
    ...(best && { best }),
    ...(validatedStep !== undefined && { validatedStep }),
  };
}

function restored(path: string, payload: CheckpointPayload, settings: TrainingSettings): TrainingState {
  try {
    return restoreTraining(payload, settings);
  } catch (error) {
    // Tensors of an optimizer or an average that the run did not have.
    if (error instanceof RangeError) throw new InputError(`${path}: ${error.message}`, { cause: error });
    throw error;
  }
}

function listNames(say: (line: string) => void, words: string, names: readonly string[]): void {
  if (names.length > 0) say(`--init: ${words} (${names.length}): ${names.join(", ")}`);
}
