import {
  type CaseOptions,
  caseOptions,
  cropsOption,
  type DeviceChoice,
  deviceOptions,
  modelOption,
  type OptionTable,
  outputFolderOption,
  predictionSizeOption,
  relativeOption,
} from "@ensam/core/command";

export type BoxChoice = "auto" | "file" | "made" | "none";

export interface SimulateOptions extends CaseOptions, DeviceChoice {
  relative?: string;
  output: string;
  model?: string;
  predictor?: string;
  name?: string;
  truth?: string;
  boxes: BoxChoice;
  boxShift?: number;
  exclusive: boolean;
  seed: number;
  maxVoxels?: number;
  crops: "object" | "case";
  cropWithoutBox?: number;
  timeLimit: number;
  renumber: boolean;
}

const model = "Model";
const prompts = "Prompts";
const predictor = "Predictor";

export const simulateOptions: OptionTable<SimulateOptions> = {
  output: { ...outputFolderOption, required: true },
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
    defaultWords: "the whole volume",
    doc: "For a case without box: look at N voxels around the first foreground click instead of the whole volume.",
  },
  predictor: {
    kind: "string",
    placeholder: "COMMAND",
    group: predictor,
    doc: "Any other program: run by sh for each interaction in a folder with inputs/CASE.npz, has to write outputs/CASE.npz with segs. $OLDPWD is the folder you are in now.",
  },
  timeLimit: {
    kind: "number",
    min: 0,
    unit: "s",
    placeholder: "SECONDS",
    group: predictor,
    default: 90,
    doc: "Time of all interactions of a case, for each of its labels, before the predictor is killed; 0 is no limit.",
  },
  renumber: {
    kind: "boolean",
    group: predictor,
    default: false,
    doc: "The predictor writes 1, 2, ... for the first, second, ... box or click entry: turn these into the truth's labels (the challenge compares by value).",
  },
  name: {
    kind: "string",
    placeholder: "NAME",
    defaultWords: "the run folder's, checkpoint's or program's name, with (clicks only) for --boxes none",
    doc: "What the model is called in rows and tables.",
  },
  truth: {
    kind: "path",
    placeholder: "FOLDER",
    doc: "Folder with the truth: files of the same names that hold gts. Without it the case's own gts are used.",
  },
  boxes: {
    kind: "choice",
    choices: ["auto", "file", "made", "none"],
    default: "auto",
    group: prompts,
    doc: "Where boxes come from. auto: the file's; a file with gts but no boxes gets boxes made by the challenge's rule, except in Microscopy, which has none there. file: only the file's. made: always made from the truth. none: clicks only.",
  },
  boxShift: {
    kind: "integer",
    min: 0,
    max: 5,
    placeholder: "0-5",
    group: prompts,
    defaultWords: "drawn for each box from --seed and the case's name",
    doc: "Jitter of made boxes in 1/256 of the slice.",
  },
  exclusive: {
    kind: "boolean",
    group: prompts,
    default: false,
    doc: "Objects exclude each other: a click inside of one is a click outside of the others, for --model only.",
  },
  seed: { kind: "integer", min: 0, default: 0, placeholder: "N", group: prompts, doc: "Seed of made boxes." },
  relative: relativeOption,
  ...caseOptions,
};
