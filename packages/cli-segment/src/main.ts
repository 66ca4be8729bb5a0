import { defineCommand } from "@ensam/core/command";
import { type CommandOptions, segmentOptions } from "./options.ts";
import { insteadOfPrompt } from "./refusedPrompts.ts";

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
      command: "ensam-segment ct.nii.gz --refine organs.nii.gz --click 3:40,200,180,bg -o better.nii.gz",
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
  run: async (context) => (await import("./segment.ts")).segment(context), // Not loaded for --help.
});
