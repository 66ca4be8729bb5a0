import { resolve } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type Context,
  defineCommand,
  deviceSettings,
  exitCodes,
  namedInputs,
  overwriteCheck,
  type SegmentationRow,
  UsageError,
  writtenPath,
} from "@ensam/core/command";
import { type ImageFile, readImage, readSafetensorsIfThere, writeMask } from "@ensam/core/files";
import { type AxisTurn, isNoTurn, noTurn, turnToLps } from "@ensam/core/geometry";
import type { Merged } from "@ensam/core/inference";
import type { Grid } from "@ensam/core/voxels";
import { runChallenge } from "./challenge/runChallenge.ts";
import { guessedGreyLevels } from "./greyLevels.ts";
import { imageContext } from "./imageContext.ts";
import { listSeriesOf } from "./listSeriesOf.ts";
import { type CommandOptions, type SegmentOptions, segmentOptions } from "./options.ts";
import { type NamedObject, placePrompts } from "./placePrompts.ts";
import { readPromptFile } from "./promptFile.ts";
import { promptsOfFlags } from "./promptFlags.ts";
import { resultLine } from "./resultLine.ts";
import { objectRows } from "./resultRow.ts";
import { doubtsAboutModel, warningsAbout } from "./warnings.ts";
import { checkMask, checkOutput } from "./writeMask.ts";

export const main = defineCommand<CommandOptions>({
  name: "ensam-segment",
  summary: "segments objects in your own image from boxes and clicks; writes a label map in the image's geometry",
  description: [
    "Prompts are voxels (z,y,x), counted from 0, or with --mm millimetres (x,y,z) as viewers show them. A prefix puts a prompt to an object: --click liver:40,200,180 or --click 3:40,200,180; without one it is object 1. Objects get the number they are called by, names the smallest free ones, and where two objects claim a voxel the more probable one gets it.",
    "An image whose file states its orientation is turned for the model, so that x runs to the left, y to the back and z up, as ensam-preprocess does; the mask is turned back. Voxel prompts always count in the file's own order.",
    "Prompts are given to the model in steps, as in training: first the boxes (or first clicks), then one click of each object at a time.",
    "One row is written: label, voxels and volume in mm³ of every object, seconds, and notes; on a terminal a line for people instead. Warnings about empty or doubtful masks, and about boxes and clicks that the mask contradicts, are on standard error and in the row; --strict makes them exit code 1. A box that passes the image's border is cut there, with a note.",
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
      command: "ensam-segment ct.nii.gz --model runs/a --mm --click -62.5,14,-310 -o mask.nii.gz",
      doc: "A click in millimetres, as a viewer shows them.",
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
  writes: ["segmentation", "series", "failure"],
  options: segmentOptions,
  run: runMode,
});

/** Lists, answers the challenge, or segments an image. */
async function runMode(context: Context<CommandOptions>): Promise<number> {
  if (context.options.list) return listSeriesOf(context);
  if (context.options.challenge) return runChallenge(context);
  return run(imageContext(context));
}

async function run(context: Context<SegmentOptions>): Promise<number> {
  const { options, streams, positionals } = context;
  const path = positionals[0];
  if (path === undefined) throw new UsageError("IMAGE: expected an image file, got none (see --help)");
  overwriteCheck([options.output])([...namedInputs(context), options.prompts]);
  await checkOutput(options.output, options.overwrite);
  const image = await readImage(resolve(streams.cwd, path), {
    key: options.key,
    volume: options.volume,
    dicom: options,
  });
  const cut: string[] = [];
  const objects = await readObjects(options, image, (sentence) => cut.push(sentence));
  overwriteCheck(checkMask(options.output, objects, image, options))([...namedInputs(context), options.prompts]);
  const grey = guessedGreyLevels(image.volume, options);
  const turn = image.stored.hasDirections ? turnToLps(image.affine) : noTurn;
  const turned = isNoTurn(turn) ? [] : [`axes: seen by the model as LPS, stored as ${image.stored.axes}`];
  const notes = [...image.notes, ...cut, ...grey.notes, ...turned];
  for (const doubt of image.doubts) context.log.warn(doubt);
  for (const note of notes.filter((note) => !image.doubts.includes(note))) context.note(note);

  const { merged, model, seconds, doubts } = await runModel(context, grey.image, objects, turn);
  const contradictions = warningsAbout(grey.image, objects, merged);
  const warnings = [...doubts, ...contradictions];
  for (const warning of warnings) context.log.warn(warning);
  const written = await writeMask(options.output, merged.labels, objects, image, options);
  for (const note of written.notes) context.log.warn(note);
  const shown = (file: string) => writtenPath(resolve(streams.cwd, file), options.relative);
  const row: SegmentationRow = {
    type: "segmentation",
    image: shown(path),
    mask: shown(written.files[0] ?? options.output),
    model: shown(model),
    shape: [...image.volume.shape],
    spacing: [...image.volume.spacing],
    objects: objectRows(objects, merged.labels, image.affine).map((object, index) => {
      const own = written.byObject[index];
      return own === undefined ? object : { ...object, mask: shown(own) };
    }),
    seconds,
    notes: [...notes, ...warnings],
  };
  // People read a sentence; a pipe or a file gets the row.
  if (streams.outputIsTty) await context.rows.writeText(`${resultLine(row, streams.cwd)}\n`);
  else await context.rows.write(row);
  return options.strict && contradictions.length > 0 ? exitCodes.someFailed : exitCodes.done;
}

async function readObjects(
  options: SegmentOptions,
  { volume, affine }: ImageFile,
  note: (sentence: string) => void,
): Promise<NamedObject[]> {
  const file = options.prompts === undefined ? undefined : await readPromptFile(options.prompts);
  const prompts = [...(file?.prompts ?? []), ...promptsOfFlags(options)];
  return placePrompts({ shape: volume.shape, affine }, prompts, file?.names, note);
}

async function runModel(
  context: Context<SegmentOptions>,
  image: Grid<Uint8Array>,
  objects: readonly NamedObject[],
  turn: AxisTurn,
) {
  const { options } = context;
  // The engine takes time to load: wrong prompts are told before.
  const { findModel, loadModel, paperMaxVoxels, trainedMaxVoxels, trainedOnClicksAlone } = await import(
    "@ensam/core/inference"
  );
  const { openDevice } = await import("@ensam/core/tensors");
  const { segmentImage } = await import("./segmentImage.ts");
  const stored = findModel(options.model, readSafetensorsIfThere);
  overwriteCheck([options.output])([stored.path]);
  const maxVoxels = options.maxVoxels ?? trainedMaxVoxels(stored.metadata) ?? paperMaxVoxels;
  const device = await openDevice(options.device, deviceSettings(options));
  context.note(`device: ${device.description}`);
  const start = performance.now();
  const segmenter = loadModel(stored.values, stored.config);
  try {
    const merged: Merged = await segmentImage(segmenter, image, objects, {
      turn,
      maxVoxels,
      cropWithoutBox: options.cropWithoutBox,
      pause: nextTurn, // Signals are heard between turns of the event loop only.
    });
    const doubts = doubtsAboutModel(objects, trainedOnClicksAlone(stored.metadata));
    return { merged, model: stored.path, seconds: Math.round(performance.now() - start) / 1000, doubts };
  } finally {
    segmenter.dispose();
    device.dispose();
  }
}
