import { type Affine, affineOfLps } from "../../geometry/index.ts";
import type { Zyx } from "../../voxels/index.ts";
import { FileError } from "../fileError.ts";
import { type ImageFile, imageOf } from "../imageFile.ts";
import { type ByteSource, fileSource } from "./byteSource.ts";
import { chooseVolume } from "./chooseVolume.ts";
import type { DicomFrame } from "./dicomFrame.ts";
import type { DicomPlace } from "./dicomPlace.ts";
import { type FoundDicom, findVolumes, type ListedVolume, listVolumes } from "./dicomVolumes.ts";
import { evenSlices } from "./evenSlices.ts";
import { sourcesInFolder, sourcesInZip } from "./findSources.ts";
import { readPixels } from "./readPixels.ts";
import { rescale } from "./rescale.ts";
import { type Stack, type StackPlace, shortName, stackFrames } from "./stackFrames.ts";

export interface DicomOptions {
  /** Which volume: its number in the listing, its SeriesInstanceUID or the end of it. */
  readonly series?: string | undefined;
  /** Reads in spite of missing, doubled, uneven or unplaced slices and cut pixels, and says so. */
  readonly anyway?: boolean | undefined;
  /** Told how many voxels the volume has, and their bytes as stored, before they are read; what it throws ends the reading. */
  readonly onSize?: ((voxels: number, bytes: number) => void) | undefined;
}

/**
 * The image in a DICOM series: slices sorted by position, each with its own slope and intercept, in mm, nothing
 * reoriented (`behaviour` of real readers where they go wrong is the reason for each check: docs/dicom.md). Rejects
 * with a FileError where it is no regular volume, unless `anyway`; where several volumes are found, the error lists
 * them for `series`.
 */
export async function readDicom(
  place: DicomPlace,
  { series, anyway = false, onSize }: DicomOptions = {},
): Promise<ImageFile> {
  const found = await findVolumes(await sourcesOf(place));
  const { volume, notes } = chooseVolume(place.path, found, series);
  const stack = stackFrames(volume.frames);
  const doubts = [...stack.problems, ...damagedProblems(found, volume.frames[0]!)];
  if (doubts.length > 0 && !anyway) {
    throw new FileError(place.path, "a regular DICOM volume (--anyway reads it all the same)", doubts.join("; "));
  }
  const { rows, columns, bits } = stack.frames[0]!;
  const voxels = stack.frames.length * rows * columns;
  onSize?.(voxels, Math.ceil((voxels * bits.allocated) / 8));
  const { numbers, missing } = await readPixels(stack.frames, anyway);
  const values = rescale(numbers, stack.frames);
  const isEven = stack.depths.every((depth, index) => depth === index);
  const data = isEven ? values : evenSlices(values, rows * columns, stack.depths);
  const shape: Zyx = [data.length / (rows * columns), rows, columns];
  const image = imageOf(place.path, data, shape, affineOf(stack.place), storedAs(stack.frames), [
    ...stack.notes,
    ...notes,
    ...doubts.map((doubt) => `read in spite of ${doubt}`),
    ...(isEven ? [] : [`slices interpolated to even steps: ${stack.frames.length} became ${shape[0]}`]),
    ...(missing === 0 ? [] : [`${missing} pixels are cut off in the files; taken as 0 stored`]),
    ...fileNotes(place, found, stack),
  ]);
  const number = found.volumes.indexOf(volume) + 1;
  return {
    ...image,
    dicom: { place, series: String(number), unit: volume.frames[0]!.series.unit, isRegular: doubts.length === 0 },
  };
}

/** The volumes in a DICOM folder, archive or file, to choose from. */
export async function listDicom(place: DicomPlace): Promise<ListedVolume[]> {
  return listVolumes((await findVolumes(await sourcesOf(place))).volumes);
}

export async function sourcesOf({ kind, path }: DicomPlace): Promise<ByteSource[]> {
  if (kind === "folder") return sourcesInFolder(path);
  return kind === "zip" ? sourcesInZip(path) : [fileSource(path)];
}

/** A damaged file may be a slice of any series, so it speaks against all of them. */
function damagedProblems({ damaged }: FoundDicom, { series }: DicomFrame): string[] {
  const more = damaged.length > 1 ? ` (and ${damaged.length - 1} more)` : "";
  const named = series.description === "" ? "" : ` beside "${series.description}"`;
  return damaged.length === 0 ? [] : [`a file${named} that cannot be read: ${damaged[0]!.message}${more}`];
}

function fileNotes({ kind }: DicomPlace, { others, foreign }: FoundDicom, { frames }: Stack): string[] {
  const lossy = frames.find(({ header }) => header.syntax.isLossy);
  return [
    ...(lossy ? [`pixels lost something in compression (${lossy.header.syntax.name})`] : []),
    ...(others.length === 0 ? [] : [`left out: ${others.length} without an image, such as ${others[0]!.what}`]),
    ...(foreign === 0 ? [] : [`left out: ${foreign} ${foreign === 1 ? "file that is" : "files that are"} no DICOM`]),
    ...(kind === "file" && frames.length === 1
      ? [`one slice (${shortName(frames[0]!)}); give the folder to read its whole series`]
      : []),
  ];
}

function storedAs([first]: readonly DicomFrame[]): Pick<ImageFile["stored"], "format" | "type" | "hasDirections"> {
  const { bits, directions } = first!;
  return {
    format: "dicom",
    type: `${bits.signed ? "int" : "uint"}${bits.allocated}`,
    hasDirections: directions !== undefined,
  };
}

function affineOf({ steps, origin }: StackPlace): Affine {
  const direction = [0, 1, 2].flatMap((row) => steps.map((step) => step[row]!));
  return affineOfLps([1, 1, 1], direction, origin);
}
