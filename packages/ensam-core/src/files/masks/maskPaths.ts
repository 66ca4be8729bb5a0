import { FileError } from "../fileError.ts";
import { sidecarPathOf } from "./labelSidecar.ts";
import { type MaskObject, namesOf } from "./maskObject.ts";

/** What a mask can be written as, by the end of its name. */
export type MaskFormat = "nifti" | "nrrd" | "seg.nrrd" | "dicom" | "npz";

const endings: readonly (readonly [string, MaskFormat])[] = [
  [".nii.gz", "nifti"],
  [".nii", "nifti"],
  [".seg.nrrd", "seg.nrrd"],
  [".nrrd", "nrrd"],
  [".dcm", "dicom"],
  [".npz", "npz"],
];

/** In words, for help and errors. */
export const maskEndings = ".nii.gz, .nii, .nrrd, .seg.nrrd, .dcm or .npz";

/** The format that a mask's name asks for; undefined for another name. */
export function maskFormatOf(path: string): MaskFormat | undefined {
  return endings.find(([ending]) => path.endsWith(ending))?.[1];
}

/** A file that will be written, and the one object in it where each has its own. */
export interface MaskPath {
  readonly path: string;
  readonly object?: MaskObject;
  /** Where the names of the labels are written beside it. */
  readonly sidecar?: string;
}

/**
 * The files of a mask. With `perObject`, `mask.nii.gz` becomes `mask_liver.nii.gz`, `mask_2.nii.gz`: the object's name
 * (what may not be part of a file name becomes _), else its label; labels are added where two names become the same.
 */
export function maskPaths(path: string, objects: readonly MaskObject[], perObject = false): MaskPath[] {
  const ending = endings.find(([end]) => path.endsWith(end))?.[0];
  if (ending === undefined) throw new FileError(path, `a name ending in ${maskEndings}`, "another");
  if (!perObject) {
    const hasSidecar = ending !== ".seg.nrrd" && ending !== ".dcm" && Object.keys(namesOf(objects)).length > 0;
    return [{ path, ...(hasSidecar && { sidecar: sidecarPathOf(path) }) }];
  }
  const names = objects.map(({ label, name }) =>
    name ? name.normalize("NFC").replace(/[^\p{L}\p{N}.+-]+/gu, "_") : String(label),
  );
  const seen = new Map<string, number>();
  for (const name of names) seen.set(name.toLowerCase(), (seen.get(name.toLowerCase()) ?? 0) + 1);
  return objects.map((object, index) => {
    const name = names[index]!;
    const fileName =
      seen.get(name.toLowerCase())! > 1 && name !== String(object.label) ? `${name}_${object.label}` : name;
    return { path: `${path.slice(0, -ending.length)}_${fileName}${ending}`, object };
  });
}
