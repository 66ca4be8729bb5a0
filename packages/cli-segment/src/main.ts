import {
  type Context,
  defineCommand,
  ensureFolder,
  exitCodes,
  forEachCase,
  InputError,
  type ReadRow,
  readRows,
  UsageError,
  writeSeriesRows,
} from "@ensam/core/command";
import { describeDicomVolume, listSeries } from "@ensam/core/files";
import { runChallenge } from "./challenge/runChallenge.ts";
import { imageContext } from "./imageContext.ts";
import { type OpenModel, openModel } from "./openModel.ts";
import { type CommandOptions, type SegmentOptions, segmentOptions } from "./options.ts";
import { insteadOfPrompt } from "./refusedPrompts.ts";
import { type Request, requestOfFlags, requestOfRow, stem } from "./request.ts";
import { resultLine } from "./resultLine.ts";
import { originOf, recordBeginning, recordRow, savedRow } from "./savedRow.ts";
import { type RequestResult, segmentRequest } from "./segmentRequest.ts";

export const main = defineCommand<CommandOptions>({
  name: "ensam-segment",
  summary: "segments objects in your own image from boxes and clicks; writes a label map in the image's geometry",
  description: [
    "Prompts are voxels (z,y,x), counted from 0, or with --coords ras or lps millimetres (x,y,z). A prefix puts a prompt to an object: --click liver:40,200,180 or --click 3:40,200,180; without one it is object 1. Objects get the number they are called by, names the smallest free ones, and where two objects claim a voxel the more probable one gets it. Scribbles, lassos and boxes in one slice are refused, with what says the same.",
    "Of 3D Slicer's files (.mrk.json, .fcsv) each placed point is a click and each ROI a box; LPS or RAS is as the file says. An ROI gives the voxels whose centres lie in it; one that is turned against the image's axes gives the smallest box of voxels around it, with a note.",
    "An image whose file states its orientation is turned for the model, so that x runs to the left, y to the back and z up, as ensam-preprocess does; the mask is turned back. Voxel prompts always count in the file's own order.",
    "Prompts are given to the model in steps, as in training: first the boxes (or first clicks), then one click of each object at a time. A mask that touches the border of what the model looked at is looked at again in a wider crop, and an object with a box that a smaller crop shows in more detail in that; --zoom off keeps the first look.",
    "--refine corrects a label map: the model starts from it as from an answer of its own, so that a click or two are enough. Its labels without prompts keep their voxels.",
    "One row is written: label, voxels and volume in mm³ of every object, seconds, the model's SHA-256, and notes; on a terminal a line for people instead. Warnings about empty or doubtful masks, and about boxes and clicks that the mask contradicts, are on standard error and in the row; --strict makes them exit code 1. A box that passes the image's border is cut there, with a note.",
    'With --batch each row of type request is an image: {"type": "request", "image": "ct.nii.gz", "objects": [{"name": "liver", "box": [[z,y,x],[z,y,x]]}]}, or with prompts, box_from, click_from or refine as the flags have them. An image that fails gives a failure row, and the others go on. Beside each mask lies MASK.made.json, by which a second run of the same rows knows what is done.',
  ],
  examples: [
    {
      command: "ensam-segment ct.nii.gz --model runs/a --modality CT --box 40,180,150,62,240,230 -o mask.nii.gz",
      doc: "One object in a box.",
    },
    {
      command:
        "ensam-segment mr.nii.gz --model runs/a --click liver:40,200,180 --click liver:44,120,90,bg --click kidney:38,90,60 -o mask.nii.gz",
      doc: "Two objects by clicks; the second click says what is not liver.",
    },
    {
      command: "ensam-segment ct.nii.gz --model runs/a --coords ras --click -62.5,14,-310 -o mask.nii.gz",
      doc: "A click in millimetres, as a viewer shows them.",
    },
    {
      command:
        "ensam-segment ct.nii.gz --prompts liver:F.mrk.json --prompts liver:R.mrk.json --statistics --preview mask.png -o mask.nii.gz",
      doc: "Points and a box drawn in 3D Slicer; volume and intensities in the row, and a picture.",
    },
    {
      command: "ensam-segment ct.nii.gz --refine mask.nii.gz --click 3:40,200,180,bg -o better.nii.gz",
      doc: "Correct label 3 of a mask, whoever made it, and leave the other labels alone.",
    },
    {
      command: "ensam-segment --batch requests.ndjson --preview pictures/ -o masks/ > rows.ndjson",
      doc: "Many images, one model in memory.",
    },
    {
      command: "ensam-segment --challenge --model runs/a",
      doc: "One interaction of the CVPR 2025 challenge: inputs/*.npz in, outputs/*.npz out.",
    },
  ],
  positionals: {
    name: "IMAGE",
    doc: "NIfTI, NRRD, MetaImage, GIPL, TIFF or npz file, or a DICOM series (folder, zip archive or file).",
    many: false,
  },
  reads: ["request"],
  writes: ["segmentation", "series", "failure"],
  options: segmentOptions,
  insteadOf: insteadOfPrompt,
  run: runMode,
});

/** Lists, answers the challenge, or segments an image. */
async function runMode(context: Context<CommandOptions>): Promise<number> {
  if (context.options.list) return writeSeriesRows(context, { listSeries, describe: describeDicomVolume });
  if (context.options.challenge) return runChallenge(context);
  return run(imageContext(context));
}

async function run(context: Context<SegmentOptions>): Promise<number> {
  return context.options.batch === undefined ? runOne(context) : runBatch(context, context.options.batch);
}

async function runOne(context: Context<SegmentOptions>): Promise<number> {
  const { streams, options } = context;
  let model: OpenModel | undefined;
  try {
    const { row, isDoubted } = await segmentRequest(context, requestOfFlags(context), async () => {
      model = await openModel(context);
      return model;
    });
    // People read a sentence; a pipe or a file gets the row.
    if (streams.outputIsTty) await context.rows.writeText(`${resultLine(row, streams.cwd)}\n`);
    else await context.rows.write(row);
    return options.strict && isDoubted ? exitCodes.someFailed : exitCodes.done;
  } finally {
    model?.dispose();
  }
}

/** Prompts of the command line that would hold for every image, which is never meant. */
const promptFlags = ["box", "click", "prompts", "boxFrom", "clickFrom", "refine"] as const;

async function runBatch(context: Context<SegmentOptions>, batch: string): Promise<number> {
  const { options, positionals } = context;
  const flag = promptFlags.find((name) => options[name] !== undefined);
  if (positionals[0] !== undefined || flag !== undefined) {
    const got = positionals[0] ?? `--${flag!.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    throw new UsageError(`--batch: expected the images and their prompts in its rows, got ${got} too`);
  }
  context.rows.outlastReader(); // The masks are what was asked for.
  for (const folder of [options.output, options.probabilities, options.preview]) {
    if (folder !== undefined) await ensureFolder(folder);
  }
  const model = await openModel(context);
  const segmentAndRecord = async (request: Request, made: unknown): Promise<RequestResult> => {
    const begin = () => recordBeginning(request, made);
    const result = await segmentRequest(context, request, async () => model, begin);
    await recordRow(request, made, result.row, result.isDoubted, options.relative);
    return result;
  };
  const written = new Map<string, string>();
  let doubted = false;
  try {
    const rows = readRows(context, [batch], ["request"]);
    const nameOf = ({ row }: ReadRow<"request">) => row.case ?? stem(row.image);
    const tally = await forEachCase(context, rows, { nameOf }, async ({ row, origin }) => {
      try {
        const request = requestOfRow(row, origin, options);
        const { mask } = request.outputs;
        const other = written.get(mask);
        if (other !== undefined) throw new InputError(`${mask}: expected a mask of its own, got that of ${other}`);
        written.set(mask, `${origin.file}:${origin.line}`);
        const made = await originOf(request, row, options, model);
        const saved = options.overwrite ? undefined : await savedRow(request, made);
        const result =
          saved?.row === undefined
            ? await segmentAndRecord({ ...request, overwrite: options.overwrite || saved?.isBegun === true }, made)
            : { row: saved.row, isDoubted: saved.isDoubted === true };
        doubted ||= result.isDoubted;
        return result.row;
      } catch (error) {
        // What is wrong with one image's prompts says nothing about the next.
        throw error instanceof UsageError ? new InputError(error.message, { cause: error }) : error;
      }
    });
    return tally.exitCode === exitCodes.done && options.strict && doubted ? exitCodes.someFailed : tally.exitCode;
  } finally {
    model.dispose();
  }
}
