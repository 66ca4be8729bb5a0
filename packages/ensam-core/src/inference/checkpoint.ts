import { checkConfig, type ModelConfig, parameterTable } from "../model/index.ts";

/** A tensor as it lies in a safetensors file. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** The content of a safetensors file. */
export interface Checkpoint {
  readonly tensors: Readonly<Record<string, StoredTensor>>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** What a checkpoint says about a model. */
export interface StoredModel {
  readonly config: ModelConfig;
  /** Every parameter of the model in PyTorch layout, and nothing else. */
  readonly values: Record<string, { shape: readonly number[]; data: Float32Array }>;
  /** The whole metadata of the file. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Averaged weights are stored under this prefix and are preferred when they are there. */
export const averagePrefix = "ema.";

/** Where the model of a run folder or a file may be, best first: a folder is a run of ensam-train. */
export function checkpointCandidates(path: string): string[] {
  if (path.endsWith(".safetensors")) return [path];
  const folder = path.replace(/\/+$/, "");
  return [`${folder}/checkpoints/best.safetensors`, `${folder}/checkpoints/last.safetensors`, path];
}

/** Thrown for a checkpoint that is missing or holds no model of ours; the message is for the user. */
export class CheckpointError extends Error {
  override readonly name = "CheckpointError";
}

/**
 * The model of a run folder or a checkpoint file.
 *
 * @param read  the content of a file, `undefined` if there is no such file
 */
export function findModel(
  path: string,
  read: (path: string) => Checkpoint | undefined,
): StoredModel & { readonly path: string } {
  for (const candidate of checkpointCandidates(path)) {
    const checkpoint = read(candidate);
    if (checkpoint === undefined) continue;
    try {
      return { ...ensamModelFromCheckpoint(checkpoint), path: candidate };
    } catch (error) {
      throw new CheckpointError(`${candidate}: ${(error as Error).message}`);
    }
  }
  throw new CheckpointError(
    `${path}: expected a .safetensors file, a run folder with checkpoints/ or the word builtin, got none of these`,
  );
}

/**
 * The model in a checkpoint. Optimizer state and other tensors are left out; averaged weights (`ema.NAME`) are taken
 * when they are complete.
 *
 * @throws CheckpointError `metadata.config` or `NAME: expected ..., got ...` when the file is not a model of ours
 */
export function ensamModelFromCheckpoint({ tensors, metadata }: Checkpoint): StoredModel {
  const config = configOf(metadata);
  const table = parameterTable(config);
  const prefix = table.every(({ name }) => `${averagePrefix}${name}` in tensors) ? averagePrefix : "";
  const values: StoredModel["values"] = {};
  for (const { name, shape } of table) {
    const stored = tensors[prefix + name];
    if (stored === undefined) throw new CheckpointError(`${name}: expected a tensor [${shape}], got none`);
    const count = shape.reduce((product, size) => product * size, 1);
    if (stored.shape.join() !== shape.join() || stored.data.length !== count) {
      throw new CheckpointError(`${name}: expected shape [${shape}], got [${stored.shape}]`);
    }
    values[name] = { shape, data: Float32Array.from(stored.data) };
  }
  return { config, values, metadata };
}

/** The largest grid that a model was trained on, cells, if its checkpoint says so. */
export function trainedMaxVoxels(metadata: Readonly<Record<string, string>>): number | undefined {
  try {
    const { maxVoxels } = JSON.parse(metadata.settings ?? "{}") as { maxVoxels?: unknown };
    return typeof maxVoxels === "number" && maxVoxels >= 1 ? maxVoxels : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether a model was trained to answer clicks without a box, if its checkpoint says so: `noBox` is the share of such
 * samples, and `clicks` those of each sample.
 */
export function trainedOnClicksAlone(metadata: Readonly<Record<string, string>>): boolean | undefined {
  try {
    const { noBox, clicks } = JSON.parse(metadata.settings ?? "{}") as { noBox?: unknown; clicks?: unknown };
    return typeof noBox === "number" ? noBox > 0 && clicks !== 0 : undefined;
  } catch {
    return undefined;
  }
}

function configOf(metadata: Readonly<Record<string, string>>): ModelConfig {
  const text = metadata.config;
  if (text === undefined) throw new CheckpointError("metadata.config: expected the model's configuration, got nothing");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CheckpointError(`metadata.config: expected JSON, got ${JSON.stringify(text.slice(0, 60))}`);
  }
  if (typeof value !== "object" || value === null || !Array.isArray((value as { filters?: unknown }).filters)) {
    throw new CheckpointError(
      `metadata.config: expected a model's configuration with filters, got ${text.slice(0, 60)}`,
    );
  }
  try {
    return checkConfig(value as ModelConfig);
  } catch (error) {
    throw new CheckpointError(`metadata.${(error as Error).message}`);
  }
}
