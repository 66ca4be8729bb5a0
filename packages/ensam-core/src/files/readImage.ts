import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Affine } from "../geometry/index.ts";
import type { LabelMap } from "../voxels/index.ts";
import type { ImagePart } from "./chooseChannel.ts";
import type { DicomOptions, DicomPlace } from "./dicom/index.ts";
import { asFileError, FileError } from "./fileError.ts";
import { type ImageFile, imageOf, type StoredImage } from "./imageFile.ts";
import { labelMapOf } from "./labelMap.ts";
import { type LabelNames, readLabelNames, readLayers, slicerSegments } from "./masks/index.ts";
import { readGipl } from "./readGipl.ts";
import { readMetaImage } from "./readMetaImage.ts";
import { readNifti } from "./readNifti.ts";
import { readNpzImage } from "./readNpzImage.ts";
import { readNrrd } from "./readNrrd.ts";
import { readZipDirectory } from "./readZip.ts";
import { statRegularFile } from "./regularFile.ts";
import { type SniffedFormat, sniffFormat } from "./sniffFormat.ts";

export interface ReadOptions {
  /** Which member of an npz archive to read. */
  readonly key?: string | undefined;
  /** Which volume of a file of several to read (4-D NIfTI, NRRD, MetaImage or GIPL; time points of a TIFF), from 0. */
  readonly volume?: number | undefined;
  /** Which channel, colour or layer of a NRRD, MetaImage or TIFF to read, from 0. */
  readonly channel?: number | undefined;
  /** Which DICOM volume to read, and whether in spite of what speaks against it. */
  readonly dicom?: DicomOptions | undefined;
  /** Told how many voxels the image has, and their bytes as stored, before they are read; what it throws ends the reading. */
  readonly onSize?: ((voxels: number, bytes: number) => void) | undefined;
}

/** A label map as it was read, on the grid that `affine` places. */
export interface LabelFile {
  readonly labels: LabelMap;
  readonly affine: Affine;
  readonly stored: StoredImage;
  readonly notes: readonly string[];
  /** Names of labels that the file or the `NAME.labels.json` beside it gives: "3": "liver". */
  readonly names: LabelNames;
  /** Whether it may hold only a part of its image's grid, as segmentations of DICOM and of 3D Slicer do. */
  readonly isPart: boolean;
}

const known = "a NIfTI, NRRD, MetaImage, GIPL, TIFF or npz file, or a DICOM series";

/**
 * The image in a NIfTI, NRRD, MetaImage, GIPL, TIFF or npz file (`imgs` unless `key` names another member), told by its
 * content, or in a DICOM series (a folder, a zip archive or a file). Array axes are (z, y, x) in stored order, nothing
 * is reoriented; lengths in mm. Several volumes or channels without a choice are refused. Rejects with a FileError.
 */
export function readImage(path: string, options: ReadOptions = {}): Promise<ImageFile> {
  return readVolume(path, options.key, ["imgs"], options);
}

/**
 * The label map in such a file (in an npz: `gts`, else `segs`, unless `key` names another), in a DICOM segmentation or
 * in 3D Slicer's .seg.nrrd. Values within 0.001 of whole numbers are rounded, with a note; any other, or a negative
 * one, is a FileError. A 3-D map serves every `volume`; layers become one map where their segments do not overlap.
 */
export async function readLabels(path: string, options: ReadOptions = {}): Promise<LabelFile> {
  const status = await stat(path).catch(() => undefined); // What is wrong with a path is said by whoever reads it.
  const format = status?.isFile() ? await sniffFormat(path) : undefined;
  const segmentation = await segmentationFile(path, status?.isDirectory() ? "folder" : format);
  if (segmentation !== undefined) return dicomLabels(segmentation);
  const isNrrd = format === "nrrd";
  const layers = isNrrd && options.channel === undefined ? await readLayers(path) : undefined;
  if (layers !== undefined) {
    const { image, labels, names, notes } = layers;
    return {
      labels,
      affine: image.affine,
      stored: image.stored,
      notes: [...image.notes, ...notes],
      names,
      isPart: true,
    };
  }
  const { volume, affine, stored, notes, quantum } = await readVolume(path, options.key, ["gts", "segs"], {
    ...options,
    soleServesAll: true,
  });
  const { labels, roundedVoxels } = labelMapOf(path, volume, quantum);
  const rounded = roundedVoxels > 0 ? [`${roundedVoxels} voxels held labels that are not quite whole; rounded`] : [];
  const names = stored.format === "dicom" ? {} : await readLabelNames(path, format);
  const isPart = isNrrd && (await slicerSegments(path)).segments.length > 0;
  return { labels, affine, stored, notes: [...notes, ...rounded], names, isPart };
}

/** The DICOM segmentation that a path is, or that lies alone in the folder it is. */
async function segmentationFile(path: string, format: SniffedFormat | "folder"): Promise<string | undefined> {
  if (format !== "folder") return format === "dicom" ? segmentationOnly(path) : undefined;
  const names = await readdir(path);
  if (names.length !== 1) return undefined;
  const file = join(path, names[0]!);
  const status = await stat(file).catch(() => undefined);
  return status?.isFile() && (await sniffFormat(file)) === "dicom" ? segmentationOnly(file) : undefined;
}

async function segmentationOnly(file: string): Promise<string | undefined> {
  const { isDicomSeg } = await import("./dicom/index.ts");
  return (await isDicomSeg(file)) ? file : undefined;
}

async function dicomLabels(path: string): Promise<LabelFile> {
  const { readDicomSeg } = await import("./dicom/index.ts");
  const { labels, affine, names } = await readDicomSeg(path);
  const stored = { format: "dicom", type: "uint1", hasDirections: true } as const;
  const { stored: described, notes } = imageOf(path, labels.data, labels.shape, affine, stored);
  return { labels, affine, stored: described, notes, names, isPart: true };
}

async function readVolume(
  path: string,
  key: string | undefined,
  candidates: readonly string[],
  part: ImagePart & Pick<ReadOptions, "dicom">,
): Promise<ImageFile> {
  const status = await stat(path).catch((error: unknown) => {
    throw asFileError(path, known, error);
  });
  if (status.isDirectory()) return readSeries({ kind: "folder", path }, part);
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
      return (await import("./tiff/readTiff.ts")).readTiff(path, part);
    case "npz":
      if (isZipWithoutArrays(path)) return readSeries({ kind: "zip", path }, part);
      return readNpzImage(path, key, candidates, part);
    case "dicom":
      return readSeries({ kind: "file", path }, part);
    case "empty":
      throw new FileError(path, known, "an empty file");
    case undefined:
      throw new FileError(path, known, "another format");
  }
}

/** DICOM and TIFF are loaded where they are read: most images are of other formats, and commands start sooner without. */
async function readSeries(place: DicomPlace, part: ImagePart & Pick<ReadOptions, "dicom">): Promise<ImageFile> {
  const { readDicom } = await import("./dicom/index.ts");
  return readDicom(place, { ...part.dicom, onSize: part.onSize });
}

/** An npz archive holds .npy members; any other zip archive may hold a DICOM series. */
function isZipWithoutArrays(path: string): boolean {
  const names = [...readZipDirectory(path).keys()];
  return names.length > 0 && !names.some((name) => name.endsWith(".npy"));
}
