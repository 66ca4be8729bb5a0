import * as z from "#zod";
import { modalities } from "./modalities.ts";

/**
 * One schema per row type. Fields that are not named here are kept untouched; named ones are checked.
 * Numbers are finite; `null` stands where a value does not exist.
 */

const voxelTriple = z.tuple([z.int().positive(), z.int().positive(), z.int().positive()]);
const spacingTriple = z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]);
const index = z.int().nonnegative();
const voxel = z.tuple([index, index, index]);
const path = z.string().min(1);
const caseName = z
  .string()
  .regex(/^[^/\\\p{Cc}]+$/u, "a file name without slashes")
  .refine((name) => name !== "." && name !== "..", "a file name without slashes");
/** Some tools list the background among the names; it says nothing here. */
const labelOrBackground = z.string().regex(/^(0|[1-9]\d*)$/, "label numbers");
const labelNumber = z.string().regex(/^[1-9]\d*$/, "label numbers, from 1");
const perInteraction = z.array(z.number().nullable());
const identity = {
  case: caseName,
  modality: z.enum(modalities),
  dataset: z.string().min(1),
};

export const source = z.looseObject({
  type: z.literal("source"),
  ...identity,
  image: path.describe("path of the image"),
  label: path.optional().describe("path of the label map"),
  labels: z.record(labelOrBackground, z.string()).optional().describe("names by label number"),
  window: z.string().optional().describe("soft, lung, brain, bone, or width/level in HU"),
  image_key: z.string().optional().describe("member of an npz that holds the image"),
  label_key: z.string().optional().describe("member of an npz that holds the label map"),
  volume: index.optional().describe("which volume of a 4-D image, from 0"),
  channel: index.optional().describe("which channel of a TIFF, NRRD or MetaImage with several, from 0"),
  series: z.string().optional().describe("which DICOM volume of a folder with several: its number or UID"),
});

export const labelmap = z.looseObject({
  type: z.literal("labelmap"),
  case: caseName,
  dataset: z.string().min(1),
  label: path.describe("path of the label map"),
  labels: z.record(labelNumber, z.string()).optional().describe("names by label number"),
  label_key: z.string().optional().describe("member of an npz that holds the label map"),
});

const caseFields = {
  ...identity,
  axes: z
    .string()
    .regex(/^[LRAPSI]{3}$/)
    .optional()
    .describe("where x, y, z run, such as LPS; absent where unknown"),
  npz: path.describe("path of the npz with imgs, gts and spacing"),
  shape: voxelTriple.describe("[D, H, W] in voxels"),
  spacing: spacingTriple.describe("[z, y, x] in mm"),
  labels: z.record(labelNumber, z.looseObject({ voxels: z.int().positive(), name: z.string().optional() })),
};

export const caseRow = z.looseObject({ type: z.literal("case"), ...caseFields });

const click = z.looseObject({ at: voxel, kind: z.enum(["fg", "bg"]) });
const boxCorners = z.tuple([voxel, voxel]);
const crops = z.enum(["object", "case"]).optional().describe("one crop an object or one for all; absent: one for all");

export const prediction = z.looseObject({
  type: z.literal("prediction"),
  ...caseFields,
  model: z.string(),
  modelSha256: z.string().optional().describe("SHA-256 of the checkpoint"),
  crops,
  prediction: path.describe("path of the npz with segs and all_segs"),
  truth: path.describe("path of the npz with gts"),
  seconds: perInteraction.describe("one per interaction"),
  hasBox: z.boolean(),
  clicks: z.record(labelNumber, z.array(click.nullable())),
  boxes: z.record(labelNumber, boxCorners).optional().describe("first and last voxel of each prompt box"),
});

export const score = z.looseObject({
  type: z.literal("score"),
  ...identity,
  model: z.string(),
  dsc: perInteraction.describe("mean Dice over classes after box and each click"),
  nsd: perInteraction.describe("mean surface Dice over classes after box and each click"),
  dscAuc: z.number().nullable(),
  nsdAuc: z.number().nullable(),
  dscFinal: z.number().nullable(),
  nsdFinal: z.number().nullable(),
  seconds: perInteraction,
  classes: z.array(z.looseObject({ label: index, dsc: perInteraction, nsd: perInteraction })),
  timedOut: z.boolean(),
});

export const request = z.looseObject({
  type: z.literal("request"),
  case: caseName.optional().describe("name of the outputs and of a failure; the image's name by default"),
  image: path.describe("path of the image"),
  mask: path.optional().describe("path of the label map to write; CASE.nii.gz in the output folder by default"),
  space: z.enum(["voxel", "mm", "ras", "lps"]).optional().describe("what the objects' coordinates count"),
  objects: z.array(z.unknown()).optional().describe("label, name, box and clicks of each object, as in prompt files"),
  prompts: z
    .union([path, z.array(path)])
    .optional()
    .describe("paths of files with prompts"),
  box_from: path.optional().describe("path of a label map whose labels' boxes are prompts"),
  click_from: path.optional().describe("path of a label map whose labels get a click each"),
  refine: path.optional().describe("path of the label map to correct"),
  modality: z.enum(modalities).optional(),
  window: z.string().optional().describe("soft, lung, brain, bone, or width/level in HU"),
  image_key: z.string().optional().describe("member of an npz that holds the image"),
  volume: index.optional().describe("which volume of a 4-D image, from 0"),
  series: z.string().optional().describe("which DICOM volume of a folder with several: its number or UID"),
});

const corners = z.tuple([voxel, voxel]).nullable();

const statistics = z.looseObject({
  ml: z.number().nonnegative(),
  extentMm: z.tuple([z.number(), z.number(), z.number()]).describe("size along [z, y, x] in mm"),
  centerRas: z.tuple([z.number(), z.number(), z.number()]).describe("centre of mass, mm to the right, front and up"),
  mean: z.number().nullable().describe("of the image's own values"),
  standardDeviation: z.number().nullable(),
  percentiles: z
    .record(z.string(), z.number())
    .describe("by percentage: 0 is the least, 50 the median, 100 the largest"),
  notFinite: index.describe("voxels that are no finite number and take no part"),
});

export const segmentation = z.looseObject({
  type: z.literal("segmentation"),
  case: caseName.optional().describe("of the request, with --batch"),
  image: path.describe("path of the image"),
  mask: path.describe("path of the label map that was written; with --per-object, of the first object's"),
  model: path.describe("path of the checkpoint"),
  modelSha256: z.string().optional().describe("SHA-256 of the checkpoint"),
  crops,
  probabilities: z.array(path).optional().describe("paths of the probabilities that were written"),
  preview: path.optional().describe("path of the picture that was written"),
  shape: voxelTriple.describe("[z, y, x] in voxels"),
  spacing: spacingTriple.describe("[z, y, x] in mm"),
  objects: z.array(
    z.looseObject({
      label: z.int().positive().describe("value in the label map"),
      name: z.string().optional(),
      mask: path.optional().describe("path of its own file, with --per-object"),
      voxels: index,
      volumeMm3: z.number().nonnegative().describe("mm³"),
      extent: corners.describe("first and last voxel [z, y, x] of the mask; null where it is empty"),
      box: corners.describe("first and last voxel [z, y, x] of the prompt box; null without one"),
      clicks: z.array(click),
      statistics: statistics.nullable().optional().describe("with --statistics; null where the mask is empty"),
      looks: z
        .array(z.looseObject({ why: z.enum(["wider", "finer"]), crop: boxCorners }))
        .optional()
        .describe("crops, first and last voxel, in which the object was looked at again"),
    }),
  ),
  seconds: z.number().nonnegative(),
  notes: z.array(z.string()).describe("what was guessed, lost or doubted"),
});

export const image = z.looseObject({
  type: z.literal("image"),
  image: path,
  format: z.string(),
  stored: z.string().describe("number type in the file"),
  shape: voxelTriple.describe("[D, H, W] in voxels"),
  spacing: spacingTriple.describe("[z, y, x] in mm"),
  axes: z.string().nullable().describe("where x, y, z run, such as LPS; null where the file does not say"),
  isSheared: z.boolean(),
  affine: z
    .array(z.number())
    .length(16)
    .describe("row by row, voxel (x, y, z, 1) to mm (right, anterior, superior, 1)"),
  values: z
    .looseObject({ min: z.number(), max: z.number(), mean: z.number(), p0_5: z.number(), p99_5: z.number() })
    .nullable()
    .describe("of the finite voxels; null where there is none"),
  notFinite: index.describe("voxels that are NaN or infinite"),
  unit: z.string().nullable().describe("of the values, where the file names it"),
  series: z.looseObject({ number: index, seriesUid: z.string() }).nullable().describe("of a DICOM image"),
  labels: z
    .record(labelNumber, z.looseObject({ voxels: index, volumeMm3: z.number(), name: z.string().optional() }))
    .nullable()
    .describe("of a label map; null where there is none"),
  labelsFrom: path.nullable().describe("the label map's file"),
  warnings: z.array(z.string()),
  notes: z.array(z.string()),
});

export const series = z.looseObject({
  type: z.literal("series"),
  image: path.describe("the folder, archive or file"),
  number: index.describe("what --series takes"),
  seriesUid: z.string(),
  description: z.string(),
  modality: z.string(),
  kind: z.string().describe("image type, echo, stack, time"),
  slices: index,
  rows: index,
  columns: index,
  problems: z.array(z.string()).describe("why it is no regular volume"),
});

export const annotation = z.looseObject({
  type: z.literal("annotation"),
  image: path.describe("path of the image"),
  n: z.int().positive().describe("number of the event in its session, from 1"),
  event: z.looseObject({ type: z.string() }).describe("what happened; of long runs their number"),
  objects: z
    .array(z.looseObject({ label: z.int().positive(), name: z.string(), voxels: index }))
    .describe("after the event"),
  labels: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe("SHA-256 of the label map's bytes after the event, uint8 in C order"),
  seconds: z.number().nonnegative(),
});

export const check = z.looseObject({
  type: z.literal("check"),
  about: z.enum(["case", "set"]).describe("the case alone, or how it goes with the others"),
  ...identity,
  image: path.optional(),
  label: path.optional(),
  shape: voxelTriple.optional().describe("[D, H, W] of the stored grid"),
  spacing: spacingTriple.optional().describe("[z, y, x] in mm"),
  axes: z.string().nullable().optional().describe("where x, y, z run; null where the file does not say"),
  labels: z.record(labelNumber, z.looseObject({ voxels: index, name: z.string().optional() })),
  problems: z.array(z.looseObject({ kind: z.string(), text: z.string() })).describe("none where all is well"),
});

const interval = z.looseObject({
  mean: z.number().nullable(),
  low: z.number().nullable().describe("lower end of the 95 % interval"),
  high: z.number().nullable().describe("upper end of the 95 % interval"),
});

export const summary = z.looseObject({
  type: z.literal("summary"),
  model: z.string(),
  modality: z.string().describe('a modality, or "all"'),
  cases: index,
  dscAuc: interval,
  nsdAuc: interval,
  dscFinal: interval,
  nsdFinal: interval,
});

export const run = z.looseObject({
  type: z.literal("run"),
  options: z.record(z.string(), z.unknown()).describe("the full resolved options"),
  seed: z.int(),
  versions: z.record(z.string(), z.string()),
  device: z.string(),
  parameters: index.describe("number of trained values"),
});

export const step = z.looseObject({
  type: z.literal("step"),
  step: index,
  epoch: z.number(),
  loss: z.number().nullable(),
  learningRate: z.number(),
  seconds: z.number(),
  voxels: index.optional(),
  samplesPerSecond: z.number().nullable().optional(),
  memoryBytes: z.number().nullable().optional(),
});

export const skip = z.looseObject({
  type: z.literal("skip"),
  step: index.describe("the step that was left out; weights and optimizer are as before it"),
  epoch: z.number(),
  reason: z.string(),
  inARow: index.describe("steps left out since the last one that was done"),
  cases: z.array(z.string()),
});

export const validation = z.looseObject({
  type: z.literal("validation"),
  step: index,
  epoch: z.number().optional(),
  dsc: perInteraction.describe("mean Dice after box and each click"),
});

export const checkpoint = z.looseObject({ type: z.literal("checkpoint"), step: index, path });

export const end = z.looseObject({ type: z.literal("end"), step: index, reason: z.string() });

const jobFields = {
  job: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "a name of letters, digits, _, . and -")
    .describe("its name"),
  command: z.string().min(1).describe("for the shell; {rank}, {count}, {shard} are those of a task"),
  shards: z.int().min(1).max(4_000_000).optional().describe("tasks of a job array; Slurm knows no more than 4,000,000"),
  after: z.array(z.string()).optional().describe("names of jobs above that have to succeed first"),
  pairwise: z.boolean().optional().describe("each task waits for the task of the same rank only"),
  sbatch: z.array(z.string()).optional().describe("options of sbatch"),
};

export const job = z.looseObject({ type: z.literal("job"), ...jobFields });

export const submitted = z.looseObject({
  type: z.literal("submitted"),
  ...jobFields,
  id: z.string().regex(/^\d+$/).describe("Slurm's job id"),
});

export const failure = z.looseObject({
  type: z.literal("failure"),
  case: z.string(),
  stage: z.string(),
  error: z.string(),
});

export const rowSchemas = {
  source,
  labelmap,
  case: caseRow,
  prediction,
  score,
  summary,
  request,
  segmentation,
  image,
  series,
  annotation,
  check,
  run,
  step,
  skip,
  validation,
  checkpoint,
  end,
  job,
  submitted,
  failure,
} as const;
