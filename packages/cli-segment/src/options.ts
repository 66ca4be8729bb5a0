import {
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

/** Everything that the command takes: what an image needs is optional here, since --list and --challenge need none of it. */
export interface CommandOptions extends Omit<SegmentOptions, "output" | "model"> {
  output?: string;
  model?: string;
  list: boolean;
  challenge: boolean;
}

export interface SegmentOptions extends DeviceChoice, DicomChoice {
  output: string;
  perObject: boolean;
  overwrite: boolean;
  strict: boolean;
  relative?: string;
  model: string;
  maxVoxels?: number;
  cropWithoutBox?: number;
  box?: readonly string[];
  click?: readonly string[];
  prompts?: string;
  mm: boolean;
  modality?: Modality;
  window?: string;
  passThrough: boolean;
  key?: string;
  volume?: number;
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
  mm: {
    kind: "boolean",
    default: false,
    group: prompts,
    doc: "Coordinates of --box and --click are millimetres in the order x,y,z (right, anterior, superior), as viewers show them.",
  },
  prompts: {
    kind: "path",
    placeholder: "FILE",
    group: prompts,
    doc: 'JSON file with prompts: {"space": "voxel" or "mm", "objects": [{"label": 3, "name": "liver", "box": [[z,y,x],[z,y,x]], "clicks": [{"at": [z,y,x], "kind": "fg"}]}]}.',
  },
  model: modelOption,
  ...deviceOptions,
  maxVoxels: predictionSizeOption,
  cropWithoutBox: {
    kind: "integer",
    min: 1,
    unit: "voxels",
    placeholder: "N",
    group: model,
    defaultWords: "the whole image",
    doc: "For objects without box: a margin. Look only at the voxels up to N away from the first foreground click on each side (2 N + 1 along each axis), not at the whole image.",
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
    doc: "Answer inputs/*.npz of the working folder with outputs/*.npz, as a container of the CVPR 2025 challenge is called for each interaction; needs --model, no IMAGE. What the next call builds on is kept in inputs/.CASE.ensam-state.npz.",
  },
  output: {
    kind: "path",
    alias: "o",
    placeholder: "FILE",
    group: "Output",
    doc: "Label map to write, on the image's own grid: .nii.gz or .nii, .nrrd, .seg.nrrd (3D Slicer), .dcm (a DICOM segmentation; the image has to be a DICOM series), or .npz with segs. Names of objects go into the file where it has a place for them, and into NAME.labels.json beside .nii, .nrrd and .npz.",
  },
  perObject: {
    kind: "boolean",
    default: false,
    group: "Output",
    doc: "One file for each object, its voxels 1: mask.nii.gz becomes mask_liver.nii.gz, mask_2.nii.gz.",
  },
  overwrite: { kind: "boolean", default: false, group: "Output", doc: "Replace the output file if it exists." },
  strict: {
    kind: "boolean",
    default: false,
    group: "Output",
    doc: "Exit with 1 when a mask is empty, guessed, or contradicts a box or click; it is written all the same.",
  },
  relative: relativeOption,
};
