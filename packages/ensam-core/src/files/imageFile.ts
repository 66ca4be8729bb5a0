import { type Affine, axisCodes, determinant, isSheared, spacingOfAffine } from "../geometry/index.ts";
import type { Volume, VoxelArray, Zyx } from "../voxels/index.ts";
import type { DicomPlace } from "./dicom/dicomPlace.ts";
import { FileError } from "./fileError.ts";
import type { NiftiPlacement } from "./niftiAffine.ts";
import type { Note } from "./note.ts";

/** An image as it was read: nothing reoriented or resampled, array axes (z, y, x) as stored. */
export interface ImageFile {
  readonly volume: Volume;
  readonly affine: Affine;
  /** What the file said: its format, its numeric type, the nearest directions of x, y, z ("RAS") and whether it stores them. */
  readonly stored: StoredImage;
  /** What there is to know about the reading, one sentence each. */
  readonly notes: readonly string[];
  /** Those of the notes that a user should hear of without asking: what the file left open and was guessed. */
  readonly doubts: readonly string[];
  /** For values that are stored integers × slope + intercept: the slope, that is, how far apart neighbouring values can be. */
  readonly quantum?: number;
  /** Of a NIfTI image: where its header puts it, to be repeated in the header of a mask. */
  readonly nifti?: NiftiPlacement;
  /**
   * Of a DICOM image: where its series lies and which volume of `listDicom` it is, for a segmentation that refers to
   * it; the unit of its values; whether it is a regular volume (what was read in spite of problems may have other
   * slices than the series). */
  readonly dicom?: {
    readonly place: DicomPlace;
    readonly series: string;
    readonly unit: string;
    readonly isRegular: boolean;
  };
}

export interface StoredImage {
  readonly format: ImageFormat;
  readonly type: string;
  readonly axes: string;
  readonly hasDirections: boolean;
  readonly isSheared: boolean;
}

export type ImageFormat = "nifti-1" | "nifti-2" | "nrrd" | "meta" | "gipl" | "tiff" | "npz" | "dicom";

/**
 * The image of these values, checked and with the notes that hold for every format: axes not at right angles, values
 * that are not finite. A shape with an axis of no voxels or an affine without inverse is a FileError.
 */
export function imageOf(
  path: string,
  data: VoxelArray,
  shape: Zyx,
  affine: Affine,
  stored: Pick<StoredImage, "format" | "type" | "hasDirections">,
  notes: readonly Note[] = [],
): ImageFile {
  if (!affine.every(Number.isFinite) || determinant(affine) === 0) {
    throw new FileError(path, "three axes with a direction and a voxel size", `the affine [${affine.join(", ")}]`);
  }
  const sheared = isSheared(affine);
  return {
    volume: { data, shape, spacing: spacingOfAffine(affine) },
    affine,
    stored: { ...stored, axes: axisCodes(affine), isSheared: sheared },
    notes: [...notes.map(textOf), ...(sheared ? ["the axes are not at right angles"] : []), ...nonFiniteNotes(data)],
    doubts: notes.filter((note) => typeof note !== "string").map(textOf),
  };
}

function textOf(note: Note): string {
  return typeof note === "string" ? note : note.doubt;
}

function nonFiniteNotes(data: VoxelArray): string[] {
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return [];
  let missing = 0;
  let infinite = 0;
  for (let index = 0; index < data.length; index++) {
    const value = data[index]!;
    if (value - value === 0) continue; // Finite: only NaN and infinities differ from themselves here.
    if (Number.isNaN(value)) missing++;
    else infinite++;
  }
  return missing + infinite === 0 ? [] : [`voxels that are no finite number: ${missing} NaN, ${infinite} infinite`];
}
