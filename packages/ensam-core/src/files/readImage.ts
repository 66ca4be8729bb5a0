import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LabelMap } from "../voxels/index.ts";
import type { Affine } from "./affine.ts";
import type { VolumeChoice } from "./chooseVolume.ts";
import { asFileError, FileError } from "./fileError.ts";
import type { ImageFile, StoredImage } from "./imageFile.ts";
import { labelMapOf } from "./labelMap.ts";
import { readItkImage } from "./readItkImage.ts";
import { readNifti } from "./readNifti.ts";
import { readNpzImage } from "./readNpzImage.ts";
import { sniffFormat } from "./sniffFormat.ts";

export interface ReadOptions {
  /** Which member of an npz archive to read. */
  readonly key?: string | undefined;
  /** Which volume of a 4-D NIfTI, NRRD or MetaImage file to read, from 0. */
  readonly volume?: number | undefined;
}

/** A label map as it was read, on the grid that `affine` places. */
export interface LabelFile {
  readonly labels: LabelMap;
  readonly affine: Affine;
  readonly stored: StoredImage;
  readonly notes: readonly string[];
}

const known = "a NIfTI, NRRD, MetaImage, GIPL, TIFF or npz file";

/**
 * The image in a NIfTI, NRRD, MetaImage, GIPL, TIFF or npz file (`imgs` unless `key` names another member), told by its content. Array axes
 * are (z, y, x) in stored order, nothing is reoriented; lengths in mm. Rejects with a FileError.
 */
export function readImage(path: string, { key, volume }: ReadOptions = {}): Promise<ImageFile> {
  return readVolume(path, key, ["imgs"], { volume });
}

/**
 * The label map in such a file (in an npz: `gts`, else `segs`, unless `key` names another). Values within 0.001 of whole numbers are rounded,
 * with a note; any other, or a negative one, is a FileError. A 3-D map serves every `volume`.
 */
export async function readLabels(path: string, { key, volume: number }: ReadOptions = {}): Promise<LabelFile> {
  const { volume, affine, stored, notes } = await readVolume(path, key, ["gts", "segs"], {
    volume: number,
    soleServesAll: true,
  });
  const { labels, roundedVoxels } = labelMapOf(path, volume);
  const rounded = roundedVoxels > 0 ? [`${roundedVoxels} voxels held labels that are not quite whole; rounded`] : [];
  return { labels, affine, stored, notes: [...notes, ...rounded] };
}

async function readVolume(
  path: string,
  key: string | undefined,
  candidates: readonly string[],
  choice: VolumeChoice,
): Promise<ImageFile> {
  const status = await stat(path).catch((error: unknown) => {
    throw asFileError(path, known, error);
  });
  if (status.isDirectory()) throw await folderError(path);
  const format = await sniffFormat(path);
  switch (format) {
    case "nifti":
      return readNifti(path, choice);
    case "npz":
      return readNpzImage(path, key, candidates);
    case "dicom":
      throw dicomError(path, "a DICOM file");
    case "empty":
      throw new FileError(path, known, "an empty file");
    case undefined:
      throw new FileError(path, known, "another format");
    default:
      return readItkImage(path, format, choice);
  }
}

async function folderError(path: string): Promise<FileError> {
  const names = await readdir(path);
  for (const name of names.sort().slice(0, 20)) {
    const format = await sniffFormat(join(path, name)).catch(() => undefined);
    if (format === "dicom") return dicomError(path, "a DICOM folder");
  }
  return new FileError(path, known, "a folder");
}

function dicomError(path: string, got: string): FileError {
  return new FileError(
    path,
    known,
    `${got}; DICOM series are not read yet: convert them to NIfTI, for example with dcm2niix`,
  );
}
