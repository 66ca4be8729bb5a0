import { defineCommand } from "@ensam/core/command";
import { type InfoOptions, infoOptions } from "./options.ts";

/** `ensam-info`: what an image file is, as the other commands see it. */
export const main = defineCommand<InfoOptions>({
  name: "ensam-info",
  summary:
    "says what an image or label map is: shape, spacing, axes, values, DICOM series, labels, and what is odd about it",
  description: [
    "The same readers as in the other commands: what is said here is what they work with, in the file's own order of axes (z, y, x), counted from 0. Warnings are what the file leaves open and was guessed.",
    "Labels are counted for a label map: one with few different values, all whole and from 0; the gts or segs of an npz; a DICOM-SEG or .seg.nrrd; or the one that --labels names. Names come from the file or from NAME.labels.json beside it.",
    "An image that cannot be read is told in one line on standard error (with --json as a failure row too), and the others go on: exit code 1 if some failed, 3 if all did.",
  ],
  examples: [
    { command: "ensam-info ct.nii.gz", doc: "one image, in words" },
    { command: "ensam-info ct/ --labels liver.seg.nrrd", doc: "a DICOM series and a segmentation that lies on it" },
    { command: "ensam-info --list study/", doc: "the DICOM volumes in a folder, to choose one with --series" },
    { command: "ensam-info --json scans/*.nii.gz | jq -r '[.image, .axes] | @tsv'", doc: "rows, for programs" },
  ],
  positionals: { name: "IMAGE", doc: "image files or DICOM folders", many: true },
  writes: ["image", "series", "failure"],
  options: infoOptions,
  run: async (context) => (await import("./showImages.ts")).showImages(context), // Not loaded for --help.
});
