import type { Affine } from "../../geometry/index.ts";
import type { LabelMap, Zyx } from "../../voxels/index.ts";
import type { SegmentedSeries } from "../dicom/index.ts";
import { FileError } from "../fileError.ts";
import type { NiftiPlacement } from "../niftiAffine.ts";
import { writeChallengeCase } from "../writeChallengeCase.ts";
import { writeNifti } from "../writeNifti.ts";
import { writeSidecar } from "./labelSidecar.ts";
import { colourOf, type MaskObject } from "./maskObject.ts";
import { maskEndings, maskFormatOf, maskPaths } from "./maskPaths.ts";
import { niftiLabelTable } from "./niftiLabelTable.ts";
import { writeNrrd, writeSegNrrd } from "./writeNrrd.ts";

/** The image that a mask lies on, as `readImage` returns it. */
export interface MaskImage {
  readonly affine: Affine;
  readonly volume: { readonly shape: Zyx; readonly spacing: Zyx };
  readonly stored?: { readonly hasDirections: boolean };
  /** Of a NIfTI image: its place is repeated field by field. */
  readonly nifti?: NiftiPlacement;
  /** Of a DICOM image: its series, which a DICOM segmentation refers to. */
  readonly dicom?: SegmentedSeries & { readonly isRegular?: boolean };
}

export interface MaskOptions {
  /** One file for each object, its voxels 1; see `maskPaths`. */
  readonly perObject?: boolean;
  /** Objects that overlap are kept apart, by their own masks: layers of a .seg.nrrd, segments of a DICOM-SEG. */
  readonly layers?: boolean;
}

export interface WrittenMask {
  /** The masks, in the order of the objects. */
  readonly files: readonly string[];
  /** With `perObject`: the file of each object, undefined for one that was left out. Else empty. */
  readonly byObject: readonly (string | undefined)[];
  /** What was left out, one sentence each. */
  readonly notes: readonly string[];
}

/** Why this mask cannot be written for this image, as `expected X, got Y`; undefined if it can. For asking before hours of work. */
export function maskProblem(
  path: string,
  image: Pick<MaskImage, "dicom">,
  { perObject = false, layers = false }: MaskOptions = {},
): string | undefined {
  const format = maskFormatOf(path);
  if (format === undefined) return `expected a name ending in ${maskEndings}, got another`;
  if (format === "dicom" && image.dicom === undefined) {
    return "expected a DICOM series as image for a DICOM segmentation, got an image of another format; use .nii.gz or .seg.nrrd";
  }
  if (format === "dicom" && image.dicom?.isRegular === false) {
    return "expected a regular DICOM series for a DICOM segmentation, whose frames lie on its slices, got one read with --anyway; use .nii.gz or .seg.nrrd";
  }
  if (layers && !perObject && format !== "seg.nrrd" && format !== "dicom") {
    return "expected .seg.nrrd or .dcm to keep overlapping objects apart, got a file of one label a voxel (--per-object writes one file each)";
  }
  return undefined;
}

/**
 * Writes a label map on its image's own grid, in the format that the name asks for: NIfTI with the names of the labels
 * in a header extension, NRRD, a segmentation of 3D Slicer, a DICOM segmentation, or an npz with `segs`. Names go into
 * `NAME.labels.json` as well where the format has no place for them that all readers know (NIfTI, NRRD, npz). Each file
 * is written atomically. Rejects with a FileError.
 */
export async function writeMask(
  path: string,
  labels: LabelMap,
  objects: readonly MaskObject[],
  image: MaskImage,
  options: MaskOptions = {},
): Promise<WrittenMask> {
  const problem = maskProblem(path, image, options);
  if (problem !== undefined) throw new FileError(path, ...partsOf(problem));
  for (const { data, shape } of [labels, ...objects.flatMap(({ mask }) => mask ?? [])]) {
    if (shape.join() !== image.volume.shape.join() || data.length !== shape[0] * shape[1] * shape[2]) {
      throw new FileError(path, `labels of the image's shape (z, y, x) = [${image.volume.shape}]`, `[${shape}]`);
    }
  }
  const files: string[] = [];
  const byObject: (string | undefined)[] = [];
  const notes: string[] = [];
  const layers = options.layers === true;
  for (const { path: file, object, sidecar } of maskPaths(path, objects, options.perObject)) {
    const content = object === undefined ? { labels, objects } : single(labels, object, maskFormatOf(path) === "dicom");
    const isEmpty = maskFormatOf(path) === "dicom" && !hasVoxel(content.labels, content.objects, layers);
    if (isEmpty && object !== undefined) {
      notes.push(
        `${file}: not written, since object ${object.label} has no voxel and a DICOM segmentation none without frames`,
      );
      byObject.push(undefined);
      continue;
    }
    await writeOne(file, content.labels, content.objects, image, layers);
    if (sidecar !== undefined) await writeSidecar(sidecar, objects);
    files.push(file);
    if (object !== undefined) byObject.push(file);
  }
  return { files, byObject, notes };
}

async function writeOne(
  path: string,
  labels: LabelMap,
  objects: readonly MaskObject[],
  image: MaskImage,
  layers: boolean,
): Promise<void> {
  const { affine, volume, nifti, dicom, stored } = image;
  const format = maskFormatOf(path)!;
  if (format === "dicom") {
    const segments = objects.map((object) => ({
      label: object.label,
      name: object.name ?? "",
      colour: colourOf(object),
      ...(layers && object.mask !== undefined && { mask: object.mask }),
    }));
    const { writeDicomSeg } = await import("../dicom/index.ts");
    return writeDicomSeg(path, labels, segments, dicom!);
  }
  if (format === "seg.nrrd") return writeSegNrrd(path, labels, objects, affine, layers);
  if (format === "nrrd") return writeNrrd(path, labels, affine);
  if (format === "npz") {
    const place = stored?.hasDirections === false ? {} : { affine };
    return writeChallengeCase(path, { segs: labels, spacing: volume.spacing, ...place });
  }
  const extension = niftiLabelTable(objects);
  return writeNifti(path, labels, affine, { description: "ENSAM label map", placement: nifti, extension });
}

/** One object's voxels as a label map of its own: 1, or its label where the format numbers its segments itself. */
function single(
  labels: LabelMap,
  object: MaskObject,
  keepsLabel: boolean,
): { labels: LabelMap; objects: MaskObject[] } {
  const { data } = object.mask ?? labels;
  const label = keepsLabel ? object.label : 1;
  const voxels = new (label < 256 ? Uint8Array : Int32Array)(data.length);
  for (let i = 0; i < data.length; i++) {
    if (object.mask === undefined ? data[i] === object.label : data[i] !== 0) voxels[i] = label;
  }
  const name = object.name || `label ${object.label}`;
  return { labels: { data: voxels, shape: labels.shape }, objects: [{ label, name, colour: colourOf(object) }] };
}

function hasVoxel(labels: LabelMap, objects: readonly MaskObject[], layers: boolean): boolean {
  const known = new Set(objects.map(({ label }) => label));
  if (layers && objects.some(({ mask }) => mask?.data.some((value) => value !== 0))) return true;
  for (let i = 0; i < labels.data.length; i++) if (labels.data[i] !== 0 && known.has(labels.data[i]!)) return true;
  return false;
}

function partsOf(problem: string): [expected: string, got: string] {
  const index = problem.indexOf(", got ");
  return [problem.slice("expected ".length, index), problem.slice(index + ", got ".length)];
}
