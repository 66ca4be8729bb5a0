import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { LabelMap } from "../voxels/index.ts";
import type { Affine } from "./affine.ts";
import type { ImagePart } from "./chooseChannel.ts";
import { asFileError, FileError } from "./fileError.ts";
import type { ImageFile, StoredImage } from "./imageFile.ts";
import { labelMapOf } from "./labelMap.ts";
import { readGipl } from "./readGipl.ts";
import { readMetaImage } from "./readMetaImage.ts";
import { readNifti } from "./readNifti.ts";
import { readNpzImage } from "./readNpzImage.ts";
import { readNrrd } from "./readNrrd.ts";
import { statRegularFile } from "./regularFile.ts";
import { sniffFormat } from "./sniffFormat.ts";
import { readTiff } from "./tiff/readTiff.ts";

export interface ReadOptions {
  /** Which member of an npz archive to read. */
  readonly key?: string | undefined;
  /** Which volume of a file of several to read (4-D NIfTI, NRRD, MetaImage or GIPL; time points of a TIFF), from 0. */
  readonly volume?: number | undefined;
  /** Which channel, colour or layer of a NRRD, MetaImage or TIFF to read, from 0. */
  readonly channel?: number | undefined;
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
 * are (z, y, x) in stored order, nothing is reoriented; lengths in mm. Several volumes or channels without a choice are refused. Rejects with
 * a FileError.
 */
export function readImage(path: string, options: ReadOptions = {}): Promise<ImageFile> {
  return readVolume(path, options.key, ["imgs"], options);
}

/**
 * The label map in such a file (in an npz: `gts`, else `segs`, unless `key` names another). Values within 0.001 of whole numbers are rounded,
 * with a note; any other, or a negative one, is a FileError. A 3-D map serves every `volume`.
 */
export async function readLabels(path: string, options: ReadOptions = {}): Promise<LabelFile> {
  const { volume, affine, stored, notes, quantum } = await readVolume(path, options.key, ["gts", "segs"], {
    ...options,
    soleServesAll: true,
  });
  const { labels, roundedVoxels } = labelMapOf(path, volume, quantum);
  const rounded = roundedVoxels > 0 ? [`${roundedVoxels} voxels held labels that are not quite whole; rounded`] : [];
  return { labels, affine, stored, notes: [...notes, ...rounded] };
}

async function readVolume(
  path: string,
  key: string | undefined,
  candidates: readonly string[],
  part: ImagePart,
): Promise<ImageFile> {
  const status = await stat(path).catch((error: unknown) => {
    throw asFileError(path, known, error);
  });
  if (status.isDirectory()) throw await folderError(path);
  await statRegularFile(path, known);
  const format = await sniffFormat(path);
  switch (format) {
    case "nifti":
      return readNifti(path, part);
    case "nrrd":
      return readNrrd(path, part);
    case "meta":
      return readMetaImage(path, part);
    case "gipl":
      return readGipl(path, part);
    case "tiff":
      return readTiff(path, part);
    case "npz":
      return readNpzImage(path, key, candidates);
    case "dicom":
      throw dicomError(path, "a DICOM file");
    case "empty":
      throw new FileError(path, known, "an empty file");
    case undefined:
      throw new FileError(path, known, "another format");
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
