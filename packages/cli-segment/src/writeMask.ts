import { existsSync } from "node:fs";
import { ensureWritable, InputError, UsageError } from "@ensam/core/command";
import { type ImageFile, writeChallengeCase, writeNifti } from "@ensam/core/files";
import type { LabelMap } from "@ensam/core/voxels";

/** Refuses an output before any work is done: a name of no known kind, a file that is there already or cannot be written. */
export async function checkOutput(path: string, overwrite: boolean): Promise<void> {
  if (!/\.(nii|nii\.gz|npz)$/.test(path)) {
    throw new UsageError(`--output ${path}: expected a name ending in .nii.gz, .nii or .npz`);
  }
  if (existsSync(path) && !overwrite) {
    throw new InputError(`${path}: expected no file yet, got one (--overwrite replaces it)`);
  }
  await ensureWritable(path);
}

/** Writes the label map on the image's own grid; beside a NIfTI image with the fields of its header that say where it lies. */
export async function writeMask(path: string, labels: LabelMap, { affine, volume, nifti }: ImageFile): Promise<void> {
  if (path.endsWith(".npz")) return writeChallengeCase(path, { segs: labels, spacing: volume.spacing });
  return writeNifti(path, labels, affine, { description: "ENSAM label map", placement: nifti });
}
