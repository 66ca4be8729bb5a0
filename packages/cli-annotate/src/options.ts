import {
  clickCropOption,
  type DeviceChoice,
  type DicomChoice,
  deviceOptions,
  dicomOptions,
  type Modality,
  modalities,
  modelOption,
  type OptionTable,
  predictionSizeOption,
} from "@ensam/core/command";
import { parseWindow } from "@ensam/core/voxels";

export interface AnnotateOptions extends DeviceChoice, DicomChoice {
  model?: string;
  maxVoxels?: number;
  cropWithoutBox: number;
  sessions?: string;
  labels?: string;
  port: number;
  noOpen: boolean;
  replay?: string;
  output?: string;
  modality?: Modality;
  window?: string;
  passThrough: boolean;
  key?: string;
  volume?: number;
}

const page = "Page";
const session = "Session";
const intensity = "Intensity";

export const annotateOptions: OptionTable<AnnotateOptions> = {
  model: modelOption,
  ...deviceOptions,
  maxVoxels: predictionSizeOption,
  cropWithoutBox: {
    ...clickCropOption,
    doc: "An object without box is looked for up to N voxels away from its first click on each side; the page can enlarge that.",
  },
  sessions: {
    kind: "path",
    placeholder: "FOLDER",
    group: session,
    defaultWords: "beside the image",
    doc: "Folder for the logs (NAME.session.ndjson). An image that has one goes on where it was left.",
  },
  labels: {
    kind: "path",
    placeholder: "FILE",
    group: session,
    doc: "Label map to start from, for one image that has no session yet.",
  },
  replay: {
    kind: "path",
    placeholder: "LOG",
    group: session,
    doc: "Play the log of a session again, without a page: one row for each event. IMAGE may be left out.",
  },
  output: {
    kind: "path",
    alias: "o",
    placeholder: "FILE",
    group: session,
    doc: "With --replay: label map to write, in the formats of ensam-segment. A file that is there is refused.",
  },
  port: {
    kind: "integer",
    min: 0,
    max: 65535,
    default: 0,
    placeholder: "N",
    group: page,
    defaultWords: "a free one",
    doc: "Port on 127.0.0.1.",
  },
  noOpen: { kind: "boolean", default: false, group: page, doc: "Print the address and open no browser." },
  modality: {
    kind: "choice",
    choices: modalities,
    placeholder: "NAME",
    group: intensity,
    defaultWords: "CT if there are values under -500, else another",
    doc: "How intensities become the model's grey levels: CT by a window in HU, others by percentiles. What the page shows is another matter.",
  },
  window: {
    kind: "string",
    placeholder: "NAME|W/L",
    unit: "HU",
    group: intensity,
    defaultWords: "soft, for CT",
    accepts: (text) => parseWindow(text) !== undefined,
    expected: "soft, lung, brain, bone, or width/level such as 400/40",
    doc: "CT window for the model: soft, lung, brain, bone, or width/level, as it was trained.",
  },
  passThrough: {
    kind: "boolean",
    default: false,
    group: intensity,
    doc: "Take an image of a wider type as grey levels 0 to 255, rounded; other values are refused.",
  },
  key: { kind: "string", placeholder: "NAME", group: intensity, doc: "Member of an npz file that holds the image." },
  volume: { kind: "integer", min: 0, placeholder: "N", group: intensity, doc: "Which volume of a 4-D image, from 0." },
  ...dicomOptions,
};
