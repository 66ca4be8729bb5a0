import { copyFileSync, existsSync, linkSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { InputError } from "@ensam/core/command";
import { FileError, readSafetensors, temporaryName, writeSafetensors } from "@ensam/core/files";
import { checkpointCandidates } from "@ensam/core/inference";
import type { RunFolder } from "@ensam/core/runs";
import { type CheckpointPayload, checkpointProblem, nonFinite } from "@ensam/core/training";

/** Where a run saves. At every moment a good checkpoint is in the folder, once there was one. */
export interface CheckpointFiles {
  /** Writes the newest checkpoint; the one before becomes `previous`, if it is good. */
  saveLast(payload: CheckpointPayload): Promise<void>;
  saveBest(payload: CheckpointPayload): Promise<void>;
}

/**
 * The checkpoint files of a run. A full disk or a killed process costs the new one only; a broken file, or weights that
 * are not finite, never take the place of a good one.
 *
 * @param goneOnFrom  the checkpoint that the run goes on from
 */
export function openCheckpoints(folder: RunFolder, goneOnFrom?: string): CheckpointFiles {
  // Going on from `previous` says that `last` is not worth its place.
  let lastIsGood = sameFile(goneOnFrom, folder.last) || (!sameFile(goneOnFrom, folder.previous) && isGood(folder.last));
  return {
    async saveLast(payload) {
      refuseNonFinite(payload);
      if (lastIsGood) keepAs(folder.last, folder.previous);
      await writeSafetensors(folder.last, payload.tensors, payload.metadata);
      lastIsGood = true;
    },
    async saveBest(payload) {
      refuseNonFinite(payload);
      await writeSafetensors(folder.best, payload.tensors, payload.metadata);
    },
  };
}

export interface FoundCheckpoint {
  readonly path: string;
  readonly payload: CheckpointPayload;
}

/**
 * The newest checkpoint of a run that is good, or undefined where there is none at all. Says through `note` which ones
 * are broken.
 *
 * @throws FileError when there are checkpoints and none is good
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
  if (problem !== undefined) throw new FileError(path, "a checkpoint of ensam-train", problem);
  return payload;
}

/**
 * The tensors of any safetensors file of float32 weights, ours or not, or of a run folder: its best checkpoint, else
 * its last, as `--model` of the other commands takes it.
 *
 * @throws FileError when the file is broken or holds numbers that are not finite
 */
export function loadAny(path: string): { path: string; payload: Pick<CheckpointPayload, "tensors"> } {
  const isFolder = existsSync(path) && statSync(path).isDirectory();
  const found = isFolder ? checkpointCandidates(path).find((file) => file !== path && existsSync(file)) : path;
  if (found === undefined)
    throw new FileError(
      path,
      "a .safetensors file, a run folder with checkpoints/ or the word builtin",
      "none of these",
    );
  const payload = readSafetensors(found) as CheckpointPayload;
  const problem = nonFinite(payload.tensors);
  if (problem !== undefined) throw new FileError(found, "weights", problem);
  return { path: found, payload };
}

function isGood(path: string): boolean {
  try {
    return existsSync(path) && loadCheckpoint(path) !== undefined;
  } catch {
    return false;
  }
}

function sameFile(a: string | undefined, b: string): boolean {
  return a !== undefined && existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);
}

function refuseNonFinite({ tensors, metadata }: CheckpointPayload): void {
  const problem = nonFinite(tensors);
  if (problem === undefined) return;
  const { step } = JSON.parse(metadata.progress!) as { step: number };
  throw new InputError(`step ${step}: ${problem}; the checkpoint before stays, a lower learning rate may help`);
}

/** Gives a file a second name, in place of what had it; a copy where the disk has no hard links. */
function keepAs(path: string, kept: string): void {
  const temporary = temporaryName(kept);
  try {
    linkSync(path, temporary);
  } catch {
    copyFileSync(path, temporary);
  }
  try {
    renameSync(temporary, kept);
  } finally {
    rmSync(temporary, { force: true });
  }
}
