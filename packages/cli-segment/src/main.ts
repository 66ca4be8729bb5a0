import { resolve } from "node:path";
import { type Context, defineCommand, deviceSettings, exitCodes, UsageError, writtenPath } from "@ensam/core/command";
import { type ImageFile, readImage, readSafetensorsIfThere } from "@ensam/core/files";
import type { Merged } from "@ensam/core/inference";
import type { Grid } from "@ensam/core/voxels";
import { guessedGreyLevels } from "./greyLevels.ts";
import { type SegmentOptions, segmentOptions } from "./options.ts";
import { type NamedObject, placePrompts } from "./placePrompts.ts";
import { readPromptFile } from "./promptFile.ts";
import { promptsOfFlags } from "./promptFlags.ts";
import { objectRows } from "./resultRow.ts";
import { doubtsAboutModel, warningsAbout } from "./warnings.ts";
import { checkOutput, writeMask } from "./writeMask.ts";

export const main = defineCommand<SegmentOptions>({
  name: "ensam-segment",
  summary: "segments objects in your own image from boxes and clicks; writes a label map in the image's geometry",
  description: [
    "Prompts are voxels (z,y,x), counted from 0, or with --mm millimetres (x,y,z) as viewers show them. A prefix puts a prompt to an object: --click liver:40,200,180 or --click 3:40,200,180; without one it is object 1. Objects get the number they are called by, names the smallest free ones, and where two objects claim a voxel the more probable one gets it.",
    "Prompts are given to the model in steps, as in training: first the boxes (or first clicks), then one click of each object at a time.",
    "One row is written: label, voxels and volume in mm³ of every object, seconds, and notes. Warnings about empty or doubtful masks are on standard error and in the row.",
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
      command: "ensam-segment ct.nii.gz --model runs/a --mm --click=-62.5,14,-310 -o mask.nii.gz",
      doc: "A click in millimetres, as a viewer shows them.",
    },
  ],
  positionals: {
    name: "IMAGE",
    doc: "NIfTI, NRRD, MetaImage, GIPL, TIFF or npz file, or a DICOM series (folder, zip archive or file).",
    many: false,
  },
  writes: ["segmentation"],
  options: segmentOptions,
  run,
});

async function run(context: Context<SegmentOptions>): Promise<number> {
  const { options, streams, positionals } = context;
  const path = positionals[0];
  if (path === undefined) throw new UsageError("IMAGE: expected an image file, got none (see --help)");
  checkOutput(options.output, options.overwrite);
  const image = await readImage(resolve(streams.cwd, path), {
    key: options.key,
    volume: options.volume,
    dicom: options,
  });
  const objects = await readObjects(options, image);
  const grey = guessedGreyLevels(image.volume, options);
  const notes = [...image.notes, ...grey.notes];
  for (const doubt of image.doubts) context.log.warn(doubt);
  for (const note of notes.filter((note) => !image.doubts.includes(note))) context.note(note);

  const { merged, model, seconds, doubts } = await runModel(context, grey.image, objects);
  const warnings = [...doubts, ...warningsAbout(grey.image, objects, merged)];
  for (const warning of warnings) context.log.warn(warning);
  await writeMask(options.output, merged.labels, image);
  const shown = (file: string) => writtenPath(resolve(streams.cwd, file), options.relative);
  await context.rows.write({
    type: "segmentation",
    image: shown(path),
    mask: shown(options.output),
    model: shown(model),
    shape: [...image.volume.shape],
    spacing: [...image.volume.spacing],
    objects: objectRows(objects, merged.labels, image.affine),
    seconds,
    notes: [...notes, ...warnings],
  });
  return exitCodes.done;
}

async function readObjects(options: SegmentOptions, { volume, affine }: ImageFile): Promise<NamedObject[]> {
  const file = options.prompts === undefined ? undefined : await readPromptFile(options.prompts);
  const prompts = [...(file?.prompts ?? []), ...promptsOfFlags(options)];
  return placePrompts({ shape: volume.shape, affine }, prompts, file?.names);
}

async function runModel(context: Context<SegmentOptions>, image: Grid<Uint8Array>, objects: readonly NamedObject[]) {
  const { options } = context;
  // The engine takes time to load: wrong prompts are told before.
  const { findModel, loadModel, paperMaxVoxels, trainedMaxVoxels, trainedOnClicksAlone } = await import(
    "@ensam/core/inference"
  );
  const { openDevice } = await import("@ensam/core/tensors");
  const { segmentImage } = await import("./segmentImage.ts");
  const stored = findModel(options.model, readSafetensorsIfThere);
  const maxVoxels = options.maxVoxels ?? trainedMaxVoxels(stored.metadata) ?? paperMaxVoxels;
  const device = await openDevice(options.device, deviceSettings(options));
  context.note(`device: ${device.description}`);
  const start = performance.now();
  const segmenter = loadModel(stored.values, stored.config);
  try {
    const merged: Merged = await segmentImage(segmenter, image, objects, {
      maxVoxels,
      cropWithoutBox: options.cropWithoutBox,
    });
    const doubts = doubtsAboutModel(objects, trainedOnClicksAlone(stored.metadata));
    return { merged, model: stored.path, seconds: Math.round(performance.now() - start) / 1000, doubts };
  } finally {
    segmenter.dispose();
    device.dispose();
  }
}
