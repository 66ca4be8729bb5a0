import {
  type DicomChoice,
  dicomOptions,
  type OptionTable,
  outputFolderOption,
  relativeOption,
} from "@ensam/core/command";

export const formats = ["nii.gz", "nii", "nrrd", "seg.nrrd", "dcm", "npz"] as const;
export type Format = (typeof formats)[number];

export interface ConvertOptions extends DicomChoice {
  out: string;
  format: Format;
  perObject: boolean;
  overwrite: boolean;
  grid: "source" | "npz";
  inputs?: string;
  image?: string;
  key?: string;
  relative?: string;
}

const place = "Place";

export const convertOptions: OptionTable<ConvertOptions> = {
  out: { ...outputFolderOption, required: true },
  format: { kind: "choice", choices: formats, default: "nii.gz", group: "Output", doc: "Format of the masks." },
  perObject: {
    kind: "boolean",
    default: false,
    group: "Output",
    doc: "One file for each object, its voxels 1: CASE.nii.gz becomes CASE_liver.nii.gz, CASE_2.nii.gz.",
  },
  overwrite: { kind: "boolean", default: false, group: "Output", doc: "Replace masks that are there." },
  grid: {
    kind: "choice",
    choices: ["source", "npz"],
    default: "source",
    group: place,
    doc: "The grid of the image file that ensam-preprocess read, or the npz's own (turned to LPS, perhaps with slices left out).",
  },
  inputs: {
    kind: "path",
    placeholder: "FOLDER",
    group: place,
    doc: "For npz files without a place of their own, such as predictions: the npz of the same name here has it. Rows name it themselves.",
  },
  image: {
    kind: "path",
    placeholder: "FILE|FOLDER",
    group: place,
    doc: "The image itself, for one input: a NIfTI mask then repeats its header field by field; a DICOM-SEG refers to its series.",
  },
  key: {
    kind: "string",
    placeholder: "NAME",
    group: "Input",
    defaultWords: "segs, else gts",
    doc: "Member of the npz that holds the label map.",
  },
  ...dicomOptions,
  relative: relativeOption,
};
