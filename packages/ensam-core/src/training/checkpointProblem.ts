import { checkConfig, type ModelConfig, parameterTable } from "../model/index.ts";
import { type CheckpointNotes, type CheckpointPayload, checkpointNotes, format, prefixes } from "./checkpoint.ts";

type Tensors = CheckpointPayload["tensors"];

/**
 * Why a file's contents are no training checkpoint that can be gone on from, worded `key: expected X, got Y`; undefined
 * if they are one: metadata of the right form, every tensor that the model and its optimizer need, and finite numbers
 * in all.
 */
export function checkpointProblem(payload: CheckpointPayload): string | undefined {
  const { metadata, tensors } = payload;
  if (metadata.format !== format) {
    return `metadata.format: expected "${format}", got ${JSON.stringify(metadata.format) ?? "nothing"}`;
  }
  for (const key of ["config", "settings", "progress", "run"]) {
    if (!isObject(metadata[key])) {
      return `metadata.${key}: expected a JSON object, got ${JSON.stringify(metadata[key]?.slice(0, 60)) ?? "nothing"}`;
    }
  }
  const notes = checkpointNotes(payload);
  return configProblem(notes.config) ?? progressProblem(notes) ?? tensorProblem(notes, tensors) ?? nonFinite(tensors);
}

/** The first number that is none, worded `NAME: expected finite numbers, got X`; undefined if all are finite. */
export function nonFinite(tensors: Readonly<Record<string, { readonly data: ArrayLike<number> }>>): string | undefined {
  for (const [name, { data }] of Object.entries(tensors)) {
    for (let i = 0; i < data.length; i++) {
      if (!Number.isFinite(data[i])) return `${name}: expected finite numbers, got ${data[i]}`;
    }
  }
  return undefined;
}

function isObject(text: string | undefined): boolean {
  try {
    const value: unknown = JSON.parse(text ?? "");
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function configProblem(config: ModelConfig): string | undefined {
  try {
    checkConfig(config);
    return undefined;
  } catch (error) {
    // One of another form has no lists where ours has.
    const isOurs = error instanceof Error && error.message.startsWith("config: ");
    return `metadata.${isOurs ? error.message : "config: expected a model's configuration, got another object"}`;
  }
}

function progressProblem({ progress: { step, place, pending } }: CheckpointNotes): string | undefined {
  const isCount = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!isCount(step)) return `metadata.progress.step: expected a count, got ${JSON.stringify(step)}`;
  if (!isCount(place?.epoch) || !isCount(place?.position)) {
    return `metadata.progress.place: expected an epoch and a position, got ${JSON.stringify(place)}`;
  }
  if (Array.isArray(pending) && pending.every((record) => typeof record?.case === "string")) return undefined;
  return `metadata.progress.pending: expected a list of samples, got ${JSON.stringify(pending)?.slice(0, 60)}`;
}

function tensorProblem({ config, settings, progress }: CheckpointNotes, tensors: Tensors): string | undefined {
  for (const { name, shape } of parameterTable(config)) {
    const remembered = ["momentum", "mean", "square"].filter(
      (kind) => `${prefixes.optimizer}${name}.${kind}` in tensors,
    );
    const wanted = [
      name,
      ...(remembered.length > 0 ? remembered : ["momentum"]).map((kind) => `${prefixes.optimizer}${name}.${kind}`),
      ...(settings.averageDecay === undefined ? [] : [prefixes.average + name]),
      ...(progress.pending.length === 0 ? [] : [prefixes.gradients + name]),
    ];
    for (const key of wanted) {
      const found = tensors[key];
      if (found?.shape.join() !== shape.join()) {
        return `${key}: expected a tensor [${shape}], got ${found ? `[${found.shape}]` : "none"}`;
      }
    }
  }
  return undefined;
}
