import {
  cropsOption,
  type DeviceChoice,
  type DicomChoice,
  deviceOptions,
  dicomOptions,
  type Modality,
  modalities,
  modelOption,
  type OptionTable,
  predictionSizeOption,
  relativeOption,
} from "@ensam/core/command";
import { parseWindow } from "@ensam/core/voxels";
import type { Space } from "./rawPrompts.ts";
import type { Zoom } from "./segmentImage.ts";

/** Everything that the command takes: what an image needs is optional here, since --list and --challenge need none of it. */
export interface CommandOptions extends Omit<SegmentOptions, "output"> {
  output?: string;
  list: boolean;
  challenge: boolean;
}

export interface SegmentOptions extends DeviceChoice, DicomChoice {
  output: string;
  perObject: boolean;
  overwrite: boolean;
  strict: boolean;
  relative?: string;
  model?: string;
  maxVoxels?: number;
  crops: "object" | "case";
  cropWithoutBox?: number;
  zoom: Zoom;
  box?: readonly string[];
  click?: readonly string[];
  prompts?: readonly string[];
  coords?: Space;
  mm: boolean;
  boxFrom?: string;
  clickFrom?: string;
  refine?: string;
  batch?: string;
  modality?: Modality;
  window?: string;
  passThrough: boolean;
  key?: string;
  volume?: number;
  probabilities?: string;
  statistics: boolean;
  preview?: string;
}

const prompts = "Prompts";
const model = "Model";
const intensity = "Intensity";

export const segmentOptions: OptionTable<CommandOptions> = {
  box: {
    kind: "list",
    of: "string",
    commas: false,
    placeholder: "[OBJECT:]Z0,Y0,X0,Z1,Y1,X1",
    group: prompts,
    doc: "Two opposite corner voxels of a box, both inside, counted from 0. OBJECT is a label number or a name; without it, object 1. Repeat it for more objects.",
  },
  click: {
    kind: "list",
    of: "string",
    commas: false,
    placeholder: "[OBJECT:]Z,Y,X[,fg|bg]",
    group: prompts,
    doc: "A voxel inside the object (fg, the default) or outside of it (bg). Repeat it; clicks are used in the order given.",
  },
  coords: {
    kind: "choice",
    choices: ["voxel", "ras", "lps"],
    placeholder: "SPACE",
    group: prompts,
    defaultWords: "voxel",
    doc: "What --box and --click count: voxel (z,y,x from 0, in the file's own order), or millimetres x,y,z to the right, front and up (ras: NIfTI, most viewers) or to the left, back and up (lps: DICOM, ITK). Also for rows of --batch and files of Slicer's that do not say it.",
  },
  mm: { kind: "boolean", default: false, group: prompts, doc: "The same as --coords ras." },
  prompts: {
    kind: "list",
    of: "string",
    commas: false,
    placeholder: "[OBJECT:]FILE[,bg]",
    group: prompts,
    doc: 'File with prompts; repeat it for more. JSON: {"space": "voxel", "ras" or "lps", "objects": [{"label": 3, "name": "liver", "box": [[z,y,x],[z,y,x]], "clicks": [{"at": [z,y,x], "kind": "fg"}]}]}. Or Slicer\'s point lists and ROI boxes (.mrk.json, .fcsv), whose points are clicks of OBJECT; a background click is one whose label or description begins with bg, or all of them with ",bg".',
  },
  boxFrom: {
    kind: "path",
    placeholder: "MASK",
    group: prompts,
    doc: "Label map on the image's grid: the box around each of its labels is a prompt for the object of that number.",
  },
  clickFrom: {
    kind: "path",
    placeholder: "MASK",
    group: prompts,
    doc: "Label map on the image's grid: the deepest voxel of each label's largest piece is a click on the object of that number.",
  },
  refine: {
    kind: "path",
    placeholder: "MASK",
    group: prompts,
    doc: "Label map on the image's grid to correct: the model starts from it as its previous answer. Labels without prompts stay as they are, voxel for voxel.",
  },
  batch: {
    kind: "path",
    placeholder: "ROWS",
    group: prompts,
    doc: "Rows of type request, one image each (- is standard input), instead of IMAGE and prompts; the model is loaded once. --output, --probabilities and --preview are then folders.",
  },
  model: modelOption,
  ...deviceOptions,
  maxVoxels: predictionSizeOption,
  crops: cropsOption,
  cropWithoutBox: {
    kind: "integer",
    min: 1,
    unit: "voxels",
    placeholder: "N",
    group: model,
    defaultWords: "the whole image",
    doc: "For objects without box: a margin. Look only at the voxels up to N away from the first foreground click on each side (2 N + 1 along each axis), not at the whole image.",
  },
  zoom: {
    kind: "choice",
    choices: ["auto", "all", "off"],
    default: "auto",
    group: model,
    doc: "Look again: in a wider crop where a mask touches the border of the first, and in a finer one where that shows an object in more detail; the latter for objects with a box (auto) or for all (clicks alone say little about size, so that it may cost more than it gives). off: never.",
  },
  modality: {
    kind: "choice",
    choices: modalities,
    placeholder: "NAME",
    group: intensity,
    defaultWords: "CT if there are values under -500, else another",
    doc: "How intensities become grey levels: CT by a window in HU, others by the 0.5 and 99.5 percentiles of the voxels above 0. 8-bit images stay as they are.",
  },
  window: {
    kind: "string",
    placeholder: "NAME|W/L",
    unit: "HU",
    group: intensity,
    defaultWords: "soft, for CT",
    accepts: (text) => parseWindow(text) !== undefined,
    expected: "soft, lung, brain, bone, or width/level such as 400/40",
    doc: "CT window: soft, lung, brain, bone, or width/level. It should be the one the model was trained with.",
  },
  passThrough: {
    kind: "boolean",
    default: false,
    group: intensity,
    doc: "Take an image of a wider type as grey levels 0 to 255, rounded; other values are refused.",
  },
  key: { kind: "string", placeholder: "NAME", group: intensity, doc: "Member of an npz file that holds the image." },
  volume: {
    kind: "integer",
    min: 0,
    placeholder: "N",
    group: intensity,
    doc: "Which volume of a 4-D image, from 0.",
  },
  ...dicomOptions,
  list: {
    kind: "boolean",
    default: false,
    group: "DICOM",
    doc: "List the volumes of IMAGE, a DICOM folder, zip archive or file, by the numbers that --series takes, and segment nothing.",
  },
  challenge: {
    kind: "boolean",
    default: false,
    group: "Challenge",
    doc: "Answer inputs/*.npz of the working folder with outputs/*.npz, as a container of the CVPR 2025 challenge is called for each interaction; takes no IMAGE. What the next call builds on is kept in inputs/.CASE.ensam-state.npz.",
  },
  output: {
    kind: "path",
    alias: "o",
    placeholder: "FILE",
    group: "Output",
    doc: "Label map to write, on the image's own grid: .nii.gz or .nii, .nrrd, .seg.nrrd (3D Slicer), .dcm (a DICOM segmentation; the image has to be a DICOM series), or .npz with segs; with --batch a folder for CASE.nii.gz. Names of objects go into the file where it has a place for them, and into NAME.labels.json beside .nii, .nrrd and .npz.",
  },
  perObject: {
    kind: "boolean",
    default: false,
    group: "Output",
    doc: "One file for each object, its voxels 1: mask.nii.gz becomes mask_liver.nii.gz, mask_2.nii.gz.",
  },
  overwrite: { kind: "boolean", default: false, group: "Output", doc: "Replace the output file if it exists." },
  probabilities: {
    kind: "path",
    placeholder: "FILE",
    group: "Output",
    doc: "Probability of each object as float32, 0 outside of what the model looked at: .npz with probabilities [object, z, y, x] and labels, or .nii.gz or .nii, of several objects one file each (FILE-LABEL). With --batch a folder for CASE.npz.",
  },
  statistics: {
    kind: "boolean",
    default: false,
    group: "Output",
    doc: "Add to each object of the row: ml, intensity (mean, standard deviation, percentiles, in the image's own values), and extent and centre in mm.",
  },
  preview: {
    kind: "path",
    placeholder: "FILE.png",
    group: "Output",
    doc: "Picture of each object in three planes through it, with its outline and the sides of the body written on it. With --batch a folder for CASE.png.",
  },
  strict: {
    kind: "boolean",
    default: false,
    group: "Output",
    doc: "Exit with 1 when a mask is empty, guessed, or contradicts a box or click; it is written all the same.",
  },
  relative: relativeOption,
};
