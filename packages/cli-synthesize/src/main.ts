import { caseOptions, defineCommand, modalities, outputFolderOption, relativeOption } from "@ensam/core/command";
import type { SynthesizeOptions } from "./options.ts";

/** `ensam-synthesize`: label maps in, synthetic images with their truth out. */
export const main = defineCommand<SynthesizeOptions>({
  name: "ensam-synthesize",
  summary: "makes synthetic training cases from label maps and random shapes",
  examples: [
    {
      command: "ensam-synthesize labelmaps.ndjson -o synthetic/ --each 50 > synthetic.ndjson",
      doc: "fifty images of each label map, of any modality",
    },
    {
      command: "ensam-synthesize --shapes 1000 -o shapes/ --style MR,CT > shapes.ndjson",
      doc: "a thousand images of random shapes; no label map is read",
    },
    {
      command: "ensam-synthesize sources.ndjson -o synthetic/ | ensam-train -o runs/a --preset small",
      doc: "the label maps of labelled images, and training on what comes of them",
    },
  ],
  description: [
    "Each image is a crop round one object of a label map: seen from any side (all axis orders and mirror images), stretched and bent, at a random resolution, in 45 % of the images with thick slices. Every label gets an intensity and a texture of its own; what has no label gets several tissues and blobs. Then the image is taken as a scanner of the style takes it: partial volume, blur, bias field, noise (Gaussian for CT, Rician for MR, growing with the signal for PET and microscopy, speckle for ultrasound), and a window. The idea is SynthSeg's (Billot et al., Medical Image Analysis 86, 2023).",
    "Objects are taken in turn, in a seeded order, so that each map gives equally many images of its objects. The truth holds all objects of the crop that are large enough and not cut off, numbered 1, 2, ...; objects too small to be seen in eight views are passed over.",
    "`--shapes` makes images of random shapes: blobs, tiny lesions, organs with holes, tubes, trees, sheets, and touching instances, equally many of each. Without ROWS it makes nothing else.",
    "The same seed gives the same files, byte for byte, whatever else is made. A file that is there is not replaced without `--overwrite`.",
  ],
  positionals: {
    name: "ROWS",
    doc: "files of source rows with labels, or of labelmap rows; none or - is standard input",
    many: true,
  },
  reads: ["labelmap", "source"],
  writes: ["case", "failure"],
  options: {
    output: { ...outputFolderOption, required: true },
    each: {
      kind: "integer",
      min: 1,
      default: 10,
      unit: "images",
      placeholder: "N",
      group: "Images",
      doc: "Images of each label map.",
    },
    shapes: {
      kind: "integer",
      min: 0,
      default: 0,
      unit: "images",
      placeholder: "N",
      group: "Images",
      doc: "Images of random shapes, in all.",
    },
    size: {
      kind: "integer",
      min: 16,
      max: 256,
      default: 56,
      unit: "voxels",
      placeholder: "N",
      group: "Images",
      doc: "Longest side of an image; sides are 65 to 100 % of it, fewer across thick slices.",
    },
    style: {
      kind: "list",
      of: "string",
      choices: modalities,
      default: modalities,
      group: "Images",
      doc: "Modalities that the images imitate, equally often.",
    },
    seed: { kind: "integer", min: 0, default: 1, placeholder: "N", group: "Images", doc: "Seed of all randomness." },
    shard: caseOptions.shard,
    overwrite: { ...caseOptions.overwrite, doc: "Replace files that are there." },
    relative: relativeOption,
  },
  async run(context) {
    const { synthesizeRows } = await import("./synthesizeRows.ts");
    return synthesizeRows(context);
  },
});
