import { defineCommand, type Main, type Modality, type OptionTable } from "@ensam/core/command";
import { makePhantomSet, makers } from "./makePhantomSet.ts";

interface PhantomOptions {
  output: string;
  cases: number;
  test: number;
  seed: number;
  size: number;
  thick: number;
  objects: number;
  smallest: number;
  modality: Modality[];
}

const modalities = Object.keys(makers) as Modality[];

const options: OptionTable<PhantomOptions> = {
  output: {
    kind: "path",
    alias: "o",
    required: true,
    placeholder: "FOLDER",
    doc: "Folder for images, labels and rows; made if missing.",
  },
  cases: { kind: "integer", min: 0, default: 6, placeholder: "N", doc: "Training cases of each modality." },
  test: { kind: "integer", min: 0, default: 2, placeholder: "M", doc: "Test cases of each modality." },
  seed: {
    kind: "integer",
    min: 0,
    default: 1,
    placeholder: "S",
    doc: "The same seed gives the same files, byte for byte.",
  },
  size: {
    kind: "integer",
    min: 16,
    max: 512,
    default: 64,
    unit: "voxels",
    doc: "Voxels along a typical side; 64 gives 40 to 72.",
  },
  thick: {
    kind: "integer",
    min: 1,
    max: 16,
    default: 1,
    unit: "slices",
    doc: "Slices of every second case that are merged to one, for anisotropic voxels.",
  },
  objects: {
    kind: "integer",
    min: 1,
    max: 255,
    default: 8,
    doc: "Labelled objects of a case at most; others stay in the image without a label.",
  },
  smallest: {
    kind: "integer",
    min: 1,
    default: 40,
    unit: "voxels",
    doc: "Smaller objects get no label, unless a case has no larger one.",
  },
  modality: { kind: "list", of: "string", choices: modalities, default: modalities, doc: "Modalities to make." },
};

export const main: Main = defineCommand<PhantomOptions>({
  name: "phantoms",
  summary: "makes synthetic labelled volumes of five modalities, and the source rows for them",
  examples: [
    { command: "node scripts/dist/phantoms.js -o phantoms", doc: "six training and two test cases of each modality" },
    {
      command: "node scripts/dist/phantoms.js -o big --cases 100 --test 10 --size 128",
      doc: "a larger set of larger volumes",
    },
  ],
  options,
  async run(context) {
    const { output, cases, test, seed, size, thick, objects, smallest, modality } = context.options;
    const progress = context.progress((cases + test) * modality.length, "phantoms");
    const counts = { train: cases, test };
    const set = { folder: output, modalities: modality, cases: counts, seed, size, thick, objects, smallest };
    const rows = await makePhantomSet(set, (row) => progress.advance(1, row.case));
    progress.done();
    context.note(`phantoms: ${rows.length} cases in ${output}: train.ndjson, test.ndjson, sources.ndjson`);
    return 0;
  },
});
