import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { asFileError } from "./fileError.ts";
import { temporaryName } from "./temporaryName.ts";

/**
 * Writes `bytes` (one array, or several written one after the other) so that `path` holds either its old content or all
 * of the new: into a temporary name in the same folder, flushed to disk, then renamed. Missing folders are made.
 * Rejects with a FileError.
 */
export async function writeFileAtomically(path: string, bytes: Uint8Array | readonly Uint8Array[]): Promise<void> {
  const temporary = temporaryName(path);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeAndFlush(temporary, bytes instanceof Uint8Array ? [bytes] : bytes);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw asFileError(path, "a place that can be written", error);
  }
}

async function writeAndFlush(path: string, chunks: readonly Uint8Array[]): Promise<void> {
  const file = await open(path, "wx");
  try {
    for (const chunk of chunks) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}
