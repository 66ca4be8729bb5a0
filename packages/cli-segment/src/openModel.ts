import { existsSync, statSync } from "node:fs";
import { InputError } from "@ensam/core/command";
import { readSafetensors } from "@ensam/core/files";
import { CheckpointError, findModel } from "@ensam/core/inference";

/** The model of a run folder or a checkpoint file; an InputError says what is wrong with it. */
export function openModel(path: string): ReturnType<typeof findModel> {
  try {
    return findModel(path, (file) => (isFile(file) ? readSafetensors(file) : undefined));
  } catch (error) {
    throw error instanceof CheckpointError ? new InputError(`--model: ${error.message}`, { cause: error }) : error;
  }
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}
