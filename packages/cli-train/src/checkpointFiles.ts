import { copyFileSync, existsSync, linkSync, renameSync, rmSync, statSync } from "node:fs";
import { FileError, readSafetensors, writeSafetensors } from "@ensam/core/files";
import { checkpointCandidates } from "@ensam/core/inference";
import { type CheckpointPayload, checkpointProblem } from "@ensam/core/training";
import type { RunFolder } from "./runFolder.ts";

/**
 * Writes the newest checkpoint and keeps the one before as `previous`. At every moment one of the two is whole: a full
 * disk or a killed process costs the new one only.
 */
export async function saveLast(folder: RunFolder, payload: CheckpointPayload): Promise<void> {
  if (existsSync(folder.last)) keepAs(folder.last, folder.previous);
  await writeSafetensors(folder.last, payload.tensors, payload.metadata);
}

export async function saveBest(folder: RunFolder, payload: CheckpointPayload): Promise<void> {
  await writeSafetensors(folder.best, payload.tensors, payload.metadata);
}

export interface FoundCheckpoint {
  readonly path: string;
  readonly payload: CheckpointPayload;
}

/**
 * The newest checkpoint of a run that can be read, or undefined where there is none at all. Says through `note` which
 * ones are broken.
 *
 * @throws FileError when there are checkpoints and none can be read
 */
export async function loadNewest(
  folder: RunFolder,
  note: (line: string) => void,
): Promise<FoundCheckpoint | undefined> {
  const present = [folder.last, folder.previous].filter((path) => existsSync(path));
  for (const path of present) {
    try {
      return { path, payload: loadCheckpoint(path) };
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      note(`WARNING: this checkpoint is broken, trying the one before: ${error.message}`);
    }
  }
  if (present.length > 0) {
    throw new FileError(folder.checkpoints, "a readable checkpoint", "only broken ones; --resume never starts anew");
  }
  return undefined;
}

/** @throws FileError when the file is missing, broken or not a training checkpoint */
export function loadCheckpoint(path: string): CheckpointPayload {
  const payload = readSafetensors(path) as CheckpointPayload;
  const problem = checkpointProblem(payload);
  if (problem !== undefined) throw new FileError(`${path}: metadata`, "a checkpoint of ensam-train", problem);
  return payload;
}

/**
 * The tensors of any safetensors file of float32 weights, ours or not, or of a run folder: its best checkpoint, else its last, as `--model`
 * of the other commands takes it.
 */
export function loadAny(path: string): { path: string; payload: Pick<CheckpointPayload, "tensors"> } {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const found = isFolder ? checkpointCandidates(path).find((file) => file !== path && existsSync(file)) : path;
  if (found === undefined)
    throw new FileError(path, "a .safetensors file or a run folder with checkpoints/", "neither");
  return { path: found, payload: readSafetensors(found) as CheckpointPayload };
}

/** Gives a file a second name, in place of what had it; a copy where the disk has no hard links. */
function keepAs(path: string, kept: string): void {
  const temporary = `${kept}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  try {
    linkSync(path, temporary);
  } catch {
    copyFileSync(path, temporary);
  }
  renameSync(temporary, kept);
}
