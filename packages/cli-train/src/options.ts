import { builtinModel, type DeviceChoice, deviceOptions, type OptionTable } from "@ensam/core/command";
import { paperMaxVoxels } from "@ensam/core/geometry";
import { parseDuration } from "./duration.ts";

export interface TrainOptions extends DeviceChoice {
  output?: string;
  preset: "paper" | "small" | "tiny";
  position: "liere" | "rope" | "absolute";
  attention: "ngpt" | "standard";
  prompts: "attention" | "dense" | "both";
  coordinates: "voxels" | "mm";
  levels: number;
  optimizer: "muon" | "adamw";
  groups: "paper" | "hidden";
  epochs: number;
  maxSteps?: number;
  maxTime?: string;
  accumulate: number;
  lr: number;
  halveAt: readonly number[];
  weightDecay: number;
  clip: number;
  ema?: number;
  seed: number;
  maxVoxels: number;
  clicks: number;
  noBox: number;
  workers: number;
  recompute: boolean;
  resume: string;
  init?: string;
  allowChanges: boolean;
  checkpointEvery: number;
  validate?: string;
  validateEvery?: number;
  validateObjects: number;
  plain: boolean;
  plan: boolean;
  shape?: readonly number[];
}

const model = "Model";
const optimization = "Optimization";
const samples = "Samples and prompts";
const machine = "Machine";
const saving = "Saving, resuming, stopping";
const validation = "Validation";
const planning = "Planning";

/** Every option of ensam-train; the defaults are the paper's protocol. */
export const trainOptions: OptionTable<TrainOptions> = {
  output: {
    kind: "path",
    alias: "o",
    placeholder: "FOLDER",
    doc: "Run folder: run.json, log.ndjson, checkpoints/, curves.svg. Needed unless --plan is given.",
  },

  preset: {
    kind: "choice",
    choices: ["paper", "small", "tiny"],
    default: "paper",
    group: model,
    doc: "Size of the network; small and tiny are for CPUs.",
  },
  position: {
    kind: "choice",
    choices: ["liere", "rope", "absolute"],
    default: "liere",
    group: model,
    doc: "Position encoding; absolute is the paper's baseline.",
  },
  attention: {
    kind: "choice",
    choices: ["ngpt", "standard"],
    default: "ngpt",
    group: model,
    doc: "Attention on the hypersphere, or with layer norms.",
  },
  prompts: {
    kind: "choice",
    env: "ENSAM_TRAIN_PROMPTS",
    choices: ["attention", "dense", "both"],
    default: "attention",
    group: model,
    doc: "How prompts enter: as tokens that attend (the paper's), as maps beside the previous logits, or as both.",
  },

  coordinates: {
    kind: "choice",
    choices: ["voxels", "mm"],
    default: "voxels",
    group: model,
    doc: "Unit of positions in attention: voxels (the paper's), or mm, which differ where voxels are no cubes; kept with the model.",
  },
  levels: {
    kind: "integer",
    min: 4,
    max: 5,
    default: 4,
    group: model,
    placeholder: "N",
    doc: "Stages of the U-Net: 4 (the paper's), or 5, a level deeper with twice the channels; grids are then multiples of 16.",
  },

  optimizer: {
    kind: "choice",
    choices: ["muon", "adamw"],
    default: "muon",
    group: optimization,
    doc: "muon uses AdamW for the tensors outside of its group.",
  },
  groups: {
    kind: "choice",
    choices: ["paper", "hidden"],
    default: "paper",
    group: optimization,
    doc: "Which tensors Muon updates: all of two or more dimensions; or, of these, not embeddings, first and last layer.",
  },
  epochs: {
    kind: "integer",
    min: 1,
    default: 15,
    group: optimization,
    placeholder: "N",
    doc: "Passes over the cases.",
  },
  accumulate: {
    kind: "integer",
    min: 1,
    default: 4,
    group: optimization,
    placeholder: "N",
    doc: "Samples per optimizer step.",
  },
  lr: { kind: "number", min: 0, default: 2e-3, group: optimization, placeholder: "RATE", doc: "Learning rate." },
  halveAt: {
    kind: "list",
    of: "integer",
    default: [2, 5, 10],
    group: optimization,
    placeholder: "EPOCHS",
    doc: "Epochs at whose start the learning rate is halved.",
  },
  weightDecay: {
    kind: "number",
    min: 0,
    default: 0,
    group: optimization,
    placeholder: "RATE",
    doc: "Decoupled weight decay.",
  },
  clip: {
    kind: "number",
    min: 0,
    default: 1,
    group: optimization,
    placeholder: "NORM",
    doc: "Largest norm of the whole gradient; 0 for no limit.",
  },
  ema: {
    kind: "number",
    min: 0,
    max: 0.999999,
    group: optimization,
    placeholder: "DECAY",
    doc: "Also keep an exponential average of the weights (try 0.999); it is what is validated and what other commands use.",
  },
  seed: { kind: "integer", min: 0, default: 1, group: optimization, placeholder: "N", doc: "Seed of all randomness." },

  maxVoxels: {
    kind: "integer",
    min: 512,
    default: paperMaxVoxels,
    unit: "voxels",
    group: samples,
    placeholder: "N",
    doc: "Largest training volume; larger ones are max-pooled on their two longer axes. Lower it on CPUs.",
  },
  clicks: {
    kind: "integer",
    min: 0,
    default: 5,
    group: samples,
    placeholder: "N",
    doc: "Simulated clicks per sample, after the box; 0 needs --no-box 0.",
  },
  noBox: {
    kind: "number",
    min: 0,
    max: 1,
    default: 0.2,
    group: samples,
    placeholder: "SHARE",
    doc: "Share of the samples that begin with a click instead of a box; 0 gives a model that only boxes can start.",
  },

  ...deviceOptions,
  workers: {
    kind: "integer",
    min: 0,
    default: 1,
    group: machine,
    placeholder: "N",
    doc: "Threads that prepare samples beside training; 0 prepares them in between. The result does not depend on it.",
  },
  recompute: {
    kind: "boolean",
    default: false,
    group: machine,
    doc: "Compute large maps again for the gradient instead of keeping them: two thirds of the memory, a little more time, the same result.",
  },

  maxSteps: {
    kind: "integer",
    min: 1,
    group: saving,
    placeholder: "N",
    doc: "Stop after this many optimizer steps in all (exit 0).",
  },
  maxTime: {
    kind: "string",
    group: saving,
    placeholder: "TIME",
    accepts: (text) => parseDuration(text) !== undefined,
    expected: "a time such as 90s, 30m, 6h or 1h30m",
    doc: "Save and stop after this long (exit 75), such as 6h or 1h30m.",
  },
  resume: {
    kind: "string",
    default: "auto",
    group: saving,
    placeholder: "auto|never|FILE",
    doc: "auto goes on where the run folder's last checkpoint is; FILE goes on from a checkpoint; never starts anew.",
  },
  init: {
    kind: "path",
    words: [builtinModel],
    group: saving,
    placeholder: "builtin|RUN|FILE",
    doc: "Begin with the weights of @ensam/weights (builtin; they fit --preset small --prompts both), of this checkpoint, or of a run folder (its best checkpoint, else its last); what does not match by name or shape is listed.",
  },
  allowChanges: {
    kind: "boolean",
    default: false,
    group: saving,
    doc: "Resume although options that change the result differ from the run's.",
  },
  checkpointEvery: {
    kind: "integer",
    min: 1,
    default: 100,
    unit: "steps",
    group: saving,
    placeholder: "N",
    doc: "Save at least this often; also after each epoch and when stopping.",
  },

  validate: {
    kind: "path",
    group: validation,
    placeholder: "ROWS",
    doc: "Case rows to validate on; the best checkpoint is kept as best.safetensors.",
  },
  validateEvery: {
    kind: "integer",
    min: 1,
    unit: "steps",
    group: validation,
    placeholder: "N",
    defaultWords: "once per epoch",
    doc: "How often to validate.",
  },
  validateObjects: {
    kind: "integer",
    min: 1,
    default: 3,
    group: validation,
    placeholder: "N",
    doc: "Most objects per validation case (a seeded choice).",
  },

  plain: {
    kind: "boolean",
    default: false,
    doc: "Lines of text also on a terminal, where the view of ensam-monitor would be shown.",
  },
  plan: {
    kind: "boolean",
    default: false,
    group: planning,
    doc: "Print one row with parameters, operations, memory and time estimates, and do nothing else.",
  },
  shape: {
    kind: "list",
    of: "integer",
    group: planning,
    placeholder: "D,H,W",
    unit: "voxels",
    defaultWords: "256,128,128",
    doc: "Volume that --plan is about.",
  },
};
