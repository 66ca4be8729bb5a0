import { defineCommand } from "@ensam/core/command";
import { type ConvertOptions, convertOptions } from "./options.ts";

/** `ensam-convert`: npz label maps back into files that viewers read, on the grid of the image they came from. */
export const main = defineCommand<ConvertOptions>({
  name: "ensam-convert",
  summary: "turns predictions (npz) back into NIfTI, NRRD, .seg.nrrd or DICOM-SEG on the grid of the source image",
  description: [
    "ensam-preprocess turns images to LPS and may leave slices out; it keeps the affine and the grid of the file in the npz. Here the label map of an npz is turned back: FOLDER/CASE.nii.gz has the shape and the place of the image that was preprocessed, so both open in one viewer. Left-out slices are background.",
    "Inputs are prediction rows (of ensam-simulate; their npz names the case's), case rows (their gts), or npz files. A label map row is written for each mask, which ensam-synthesize reads.",
  ],
  examples: [
    { command: "ensam-convert predictions.ndjson -o masks/", doc: "every prediction of ensam-simulate, as NIfTI" },
    {
      command: "ensam-convert outputs/*.npz --inputs data/ -o masks/ --format seg.nrrd",
      doc: "files, placed as their cases",
    },
    {
      command: "ensam-convert outputs/a.npz --inputs data/ --image ct_series/ --format dcm -o masks/",
      doc: "a DICOM-SEG",
    },
  ],
  positionals: { name: "INPUT", doc: "npz files, or files of rows; none or - is rows from standard input", many: true },
  reads: ["prediction", "case"],
  writes: ["labelmap", "failure"],
  options: convertOptions,
  run: async (context) => (await import("./convert.ts")).convert(context), // Not loaded for --help.
});
