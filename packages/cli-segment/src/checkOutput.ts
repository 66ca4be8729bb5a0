import { existsSync } from "node:fs";
import { ensureWritable, InputError, UsageError } from "@ensam/core/command";
import { type MaskImage, type MaskObject, maskEndings, maskFormatOf, maskPaths, maskProblem } from "@ensam/core/files";

/** Refuses an output before any work is done: a name of no known kind, a file that is there already or cannot be written. */
export async function checkOutput(path: string, overwrite: boolean): Promise<void> {
  if (maskFormatOf(path) === undefined)
    throw new UsageError(`--output ${path}: expected a name ending in ${maskEndings}`);
  if (existsSync(path) && !overwrite) throw already(path);
  await ensureWritable(path);
}

/** The same when the image and the objects are known: each file that will be written. Returns their paths. */
export function checkMask(
  path: string,
  objects: readonly MaskObject[],
  image: Pick<MaskImage, "dicom">,
  { perObject, overwrite }: { readonly perObject: boolean; readonly overwrite: boolean },
): string[] {
  const problem = maskProblem(path, image, { perObject });
  if (problem !== undefined) throw new UsageError(`--output ${path}: ${problem}`);
  const paths = maskPaths(path, objects, perObject).flatMap(({ path, sidecar }) => [
    path,
    ...(sidecar ? [sidecar] : []),
  ]);
  const there = paths.find((file) => existsSync(file));
  if (there !== undefined && !overwrite) throw already(there);
  return paths;
}

function already(path: string): InputError {
  return new InputError(`${path}: expected no file yet, got one (--overwrite replaces it)`);
}
