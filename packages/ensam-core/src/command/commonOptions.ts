import { paperMaxVoxels } from "../geometry/index.ts";
import { builtinModel } from "./modelOrBuiltin.ts";
import type { AnyOption, BooleanOption, ChoiceOption, NumberOption, PathOption, StringOption } from "./optionTable.ts";
import { parseShard } from "./shard.ts";

/** Shells that completion scripts are written for. */
export const shells = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof shells)[number];

/** Flags that every command has. */
export interface StandardOptions {
  help: boolean;
  version: boolean;
  quiet: boolean;
  debug: boolean;
  schema: boolean;
  completion?: Shell;
  config?: string;
}

const group = "Every command";

export const standardOptions = {
  config: { kind: "path", placeholder: "FILE", group, doc: "JSON file with option values; flags and environment win." },
  quiet: { kind: "boolean", group, default: false, doc: "No notes and no progress, only errors." },
  debug: { kind: "boolean", group, default: false, doc: "Stack traces with errors." },
  schema: { kind: "boolean", env: "", group, default: false, doc: "Print JSON Schemas of the rows read and written." },
  completion: {
    kind: "choice",
    env: "",
    choices: shells,
    placeholder: "SHELL",
    group,
    doc: "Print a completion script for the shell.",
  },
  version: { kind: "boolean", env: "", group, default: false, doc: "Print the version." },
  help: { kind: "boolean", env: "", alias: "h", group, default: false, doc: "Print this help." },
} as const satisfies Readonly<Record<string, AnyOption>>;

/** Options of commands that work case by case; spread them into the command's table. */
export interface CaseOptions {
  jobs: number;
  shard?: string;
  overwrite: boolean;
}

export const caseOptions = {
  jobs: {
    kind: "integer",
    alias: "j",
    min: 1,
    default: 1,
    placeholder: "N",
    group: "Cases",
    doc: "Cases worked on at once; the output is the same for every N.",
  } satisfies NumberOption & { default: number },
  shard: {
    kind: "string",
    placeholder: "I/N",
    group: "Cases",
    doc: "Take every N-th case, starting with the I-th (1/4 to 4/4).",
    accepts: (text) => parseShard(text) !== undefined,
    expected: "I/N with 1 <= I <= N, such as 1/4 (an array index that starts at 0 needs 1 added)",
  } satisfies StringOption,
  overwrite: {
    kind: "boolean",
    default: false,
    group: "Cases",
    doc: "Redo outputs that are there and up to date.",
  } satisfies BooleanOption & { default: boolean },
} as const;

/** How paths in rows are written, for commands that write rows about files; spread it beside the other options. */
export const relativeOption = {
  kind: "path",
  placeholder: "FOLDER",
  group: "Output",
  defaultWords: "absolute paths",
  doc: "Write paths in rows relative to FOLDER, the one their file will lie in, for a folder that moves as a whole.",
} as const satisfies PathOption;

/** The output folder, as most commands have it. */
export const outputFolderOption = {
  kind: "path",
  alias: "o",
  placeholder: "FOLDER",
  group: "Output",
  doc: "Folder that the files are written to; made if missing.",
} as const satisfies PathOption;

/** Options of commands that compute with the model; spread them into the command's table. */
export interface DeviceChoice {
  device: string;
  threads?: number;
  memory?: number;
  precision: PrecisionName;
  convolution: ConvolutionName;
}

const precisions = ["f32", "f16", "matrix", "auto"] as const;
type PrecisionName = (typeof precisions)[number];
const convolutions = ["auto", "direct"] as const;
type ConvolutionName = (typeof convolutions)[number];

const deviceGroup = "Device";

export const deviceOptions = {
  device: {
    kind: "string",
    default: "auto",
    placeholder: "NAME",
    group: deviceGroup,
    doc: "What computes: auto (a GPU if there is one), cpu, wasm, webgpu, webgpu:1 (the second adapter), tensorflow.",
    accepts: (text) => /^(auto|cpu|wasm|webgpu(:\d+)?|tensorflow)$/.test(text),
    expected: "auto, cpu, wasm, webgpu, webgpu:N or tensorflow",
  } satisfies StringOption & { default: string },
  threads: {
    kind: "integer",
    min: 1,
    placeholder: "N",
    group: deviceGroup,
    defaultWords: "all cores",
    doc: "Threads of the wasm device; the results are the same for every N.",
  } satisfies NumberOption,
  memory: {
    kind: "integer",
    min: 16,
    unit: "MiB",
    placeholder: "MIB",
    group: deviceGroup,
    defaultWords: "4096 on wasm, what the adapter has on webgpu",
    doc: "Most memory for tensors; what cannot fit is refused before it begins (exit code 5).",
  } satisfies NumberOption,
  precision: {
    kind: "choice",
    choices: precisions,
    default: "f32",
    group: deviceGroup,
    doc: "What webgpu's convolutions multiply: f32, f16 (tiles rounded to f16), matrix (f16 by tensor cores) or auto (the fastest); all but f32 must agree with f32 on the GPU within 0.002. Sums are f32.",
  } satisfies ChoiceOption<PrecisionName> & { default: PrecisionName },
  convolution: {
    kind: "choice",
    choices: convolutions,
    default: "auto",
    group: deviceGroup,
    doc: "How wasm computes 3x3x3 convolutions: auto (by Winograd's algorithm where the layer's shape makes that faster) or direct. They differ by rounding, about 1e-6.",
  } satisfies ChoiceOption<ConvolutionName> & { default: ConvolutionName },
} as const;

/** The trained model, for commands that predict; without it `modelOrBuiltin` takes the weights in the box. */
export const modelOption = {
  kind: "path",
  words: [builtinModel],
  defaultWords: "builtin, the weights of @ensam/weights",
  placeholder: "builtin|RUN|FILE",
  group: "Model",
  doc: "A run folder of ensam-train (its best checkpoint, else its last), a .safetensors file, or builtin.",
} as const satisfies PathOption;

/**
 * How far from its first click an object without box is looked for, for commands that answer while somebody waits: 97
 * voxels along each axis, which two cores answer in well under a second. They add what they do beyond it.
 */
export const clickCropOption = {
  kind: "integer",
  min: 1,
  unit: "voxels",
  default: 48,
  placeholder: "N",
  group: "Model",
} as const satisfies Omit<NumberOption, "doc">;

/** How large a crop is given to the model, for commands that predict. */
export const predictionSizeOption = {
  kind: "integer",
  min: 512,
  unit: "voxels",
  placeholder: "N",
  group: "Model",
  defaultWords: `what the model was trained with, else ${paperMaxVoxels}`,
  doc: "Largest crop given to the model; larger ones are max-pooled.",
} as const satisfies NumberOption;

/** One crop an object or one for all, for commands that predict. */
export const cropsOption = {
  kind: "choice",
  choices: ["object", "case"],
  default: "object",
  group: "Model",
  doc: "What the model looks at. object: for each object a crop of its own, with the most of 32, 24 and 16 voxels around its box that pools it least; finer, and one pass of the encoder an object. case: one crop 32 voxels around all boxes and one pass, as the authors' inference code has it.",
} as const satisfies ChoiceOption<"object" | "case">;

/** The choice as the engine room takes it. */
export function deviceSettings({ threads, memory, precision, convolution }: DeviceChoice): {
  threads?: number;
  memoryBytes?: number;
  precision: PrecisionName;
  convolution: ConvolutionName;
} {
  return {
    precision,
    convolution,
    ...(threads !== undefined && { threads }),
    ...(memory !== undefined && { memoryBytes: memory * 2 ** 20 }),
  };
}
