import {
  type Context,
  caseOptions,
  defineCommand,
  dicomOptions,
  outputFolderOption,
  relativeOption,
  UsageError,
  writeSeriesRows,
} from "@ensam/core/command";
import { folderOptions } from "./folderOptions.ts";
import type { PreprocessOptions } from "./options.ts";

/** `ensam-preprocess`: images and label maps in, the challenge's npz files and case rows out. */
export const main = defineCommand<PreprocessOptions>({
  name: "ensam-preprocess",
  summary: "turns images and label maps into the challenge's npz files and case rows",
  examples: [
    {
      command: "ensam-preprocess sources.ndjson -o data/ > cases.ndjson",
      doc: "every source of a file; relative paths in it start from its folder",
    },
    {
      command: `echo '{"type":"source","case":"CT_1","modality":"CT","dataset":"CT_mine","image":"a.nii.gz","label":"b.nii.gz"}' | ensam-preprocess -o data/ --window lung --explain`,
      doc: "one image in the lung window, with what was read, decided and lost",
    },
    {
      command: "ensam-preprocess --images scans/ --labels masks/ --modality CT -o data/ > cases.ndjson",
      doc: "every image of a folder with the label map of the same name",
    },
    {
      command: "ensam-preprocess --images Dataset042_Liver/ -o data/ > cases.ndjson",
      doc: "a dataset in nnU-Net's layout",
    },
    {
      command: "ensam-preprocess --check --images Dataset042_Liver/ -j 4 > checks.ndjson",
      doc: "what is wrong with a data set, before hours are spent on it",
    },
    {
      command: "ensam-preprocess --index validation/ | ensam-simulate --model runs/a -o predictions/",
      doc: "case rows for npz files that exist already",
    },
  ],
  description: [
    "`--images` makes the source rows itself: one for each image of a folder (a file, or a folder that holds a DICOM series), with the label map of the same name (or of that name and _seg, _label, _mask or _gt) in `--labels`. An image without label map is a failure row. A dataset in nnU-Net's layout is given as a whole (`--images Dataset042_Liver`) or by its folder `imagesTr`; labels, their names, modality and the ending of the files then come from its `dataset.json`, and of several channels `--channel` takes one. Where a channel is a volume of a 4-D file, as in the Medical Segmentation Decathlon, it works the same. Without `--out` the source rows are written and nothing is made, so that they can be looked at and changed.",
    "Each source becomes FOLDER/CASE.npz with `imgs` (uint8), `gts` (the smallest integer type that holds the labels, so that labels over 255 never wrap) and `spacing` (x, y, z in mm, as the challenge stores it). Nothing is resampled. An image whose file states its orientation is turned so that x runs to the left, y to the back and z up, each as nearly as whole axes can (`--orientation stored` keeps the order of the file); `ensam-segment` turns images the same way, so a model sees every body from the same side.",
    "Grey levels: images of unsigned bytes stay as they are; CT is clipped to a window, anything else to the 0.5 and 99.5 percentiles of its voxels above zero (of all voxels where that leaves nothing), and what is left is stretched to 0..255; next to nothing left is warned about. The window of a CT is the `window` of its row, else `--window`, else soft. Images of a wider type are stretched also where their values happen to lie in [0, 255], as PET in SUV does; where they are known to be grey levels, `--pass-through` takes them as they are.",
    "An image with voxels that are NaN or infinite is refused, because they are most often a sign of a broken file; `--nan zero` makes them 0 instead. A label map without any labelled voxel is refused, and so is one of another shape than its image. A label map lies where its header says: one stored with other axes than its image is turned onto the image's, voxel for voxel, with a warning, and one that lies elsewhere is refused. `--label-header ignore` takes labels voxel by voxel, for files whose header is known to be wrong.",
    "`--labelled-slices` keeps only the slices with a label, as the challenge's organisers did to make their files smaller. It is off, because slices from between are cut out too (the voxel size in z is then no longer true) and the surroundings of an object are lost, which a model has to tell it from. Use it to make files as the challenge's are.",
    "An output is up to date when its sources (path, size, time of change; of a detached header its data files too) and the options that made it are the same; this is kept in FOLDER/.ensam/CASE.json. A file of that name which this command did not make is never replaced without `--overwrite`.",
    "`--check` reads every source and looks for what costs hours later: files that cannot be read, label maps on another grid or turned, NaN, images of one value, empty label maps and objects of one voxel, labels that lie where the image has one value, labels over 255, named labels without voxel and labels without name; and between the cases of a dataset: the same content twice, other orientation, voxel sizes more than three times larger or smaller than the middle one, labels named otherwise, names that are one file. Each problem has a `kind` and a sentence.",
    "`-j N` works on N cases in N threads; the end says how many cases a minute that made. Each thread holds one case, so memory grows with N.",
    "`--index` takes modality and dataset from the folders where they are MODALITY/DATASET/, as in the challenge's training set, and else from the file name. The cases CT_AbdTumor_case_* are in two of the challenge's datasets, CT_KidneyLesion and CT_KidneyTumor; by the name alone they are CT_KidneyLesion.",
  ],
  positionals: { name: "SOURCES", doc: "files of source rows; none or - is standard input" },
  reads: ["source"],
  writes: ["case", "source", "series", "check", "failure"],
  options: {
    out: outputFolderOption,
    window: {
      kind: "string",
      placeholder: "NAME|W/L",
      group: "Intensity",
      doc: "CT window for rows that name none: soft, lung, brain, bone, or width/level.",
      unit: "HU",
      defaultWords: "soft",
      accepts: (text) => /^(soft|lung|brain|bone|\d+(\.\d+)?\/-?\d+(\.\d+)?)$/.test(text) && !/^0+(\.0+)?\//.test(text),
      expected: "soft, lung, brain, bone, or width/level such as 400/40",
    },
    nan: {
      kind: "choice",
      choices: ["fail", "zero"],
      default: "fail",
      group: "Intensity",
      doc: "What to do with an image that has NaN or infinite voxels.",
    },
    passThrough: {
      kind: "boolean",
      default: false,
      group: "Intensity",
      doc: "Take images of a wider type as grey levels 0 to 255, rounded; other values are refused.",
    },
    orientation: {
      kind: "choice",
      choices: ["lps", "stored"],
      default: "lps",
      group: "Output",
      doc: "Order and sense of the axes: x to the left, y to the back, z up where the file states its orientation; or as stored.",
    },
    labelHeader: {
      kind: "choice",
      choices: ["use", "ignore"],
      default: "use",
      group: "Output",
      doc: "Whether label maps lie where their header says, or voxel by voxel on their image.",
    },
    labelledSlices: {
      kind: "boolean",
      default: false,
      group: "Output",
      doc: "Keep only the slices that hold a label, as the challenge's files do.",
    },
    explain: {
      kind: "boolean",
      default: false,
      group: "Output",
      doc: "Say on standard error what was read, decided and lost for each case.",
    },
    check: {
      kind: "boolean",
      default: false,
      group: "Check",
      doc: "Read all sources and make nothing: a row for each with what is wrong, and a table on standard error; exit code 1 if anything is.",
    },
    ...dicomOptions,
    list: {
      kind: "boolean",
      default: false,
      group: "DICOM",
      doc: "List the volumes of the DICOM folders, zip archives or files given as SOURCES, for --series or a row's series, and make nothing.",
    },
    ...folderOptions,
    index: {
      kind: "path",
      placeholder: "FOLDER",
      group: "Index",
      doc: "Write case rows for the npz files in a folder and below, and make nothing.",
    },
    known: {
      kind: "path",
      placeholder: "ROWS",
      group: "Index",
      doc: "Case rows of an earlier --index, to be taken as they are: files that have not changed since ROWS was written are not read again.",
    },
    relative: relativeOption,
    ...caseOptions,
  },
  async run(context) {
    const { index, known, list } = context.options;
    if (list) {
      const { describeDicomVolume, listSeries } = await import("@ensam/core/files"); // Not loaded for --help.
      return writeSeriesRows(context, { listSeries, describe: describeDicomVolume });
    }
    if (index === undefined && known !== undefined)
      throw new UsageError("--known: expected --index FOLDER beside it, got none");
    if (index !== undefined) {
      if (context.positionals.length > 0) {
        throw new UsageError(`${context.positionals[0]}: expected no sources with --index, got an argument`);
      }
      if (context.options.images !== undefined)
        throw new UsageError("--images: expected no --index beside it, got both");
      const { indexFolder } = await import("./indexFolder.ts");
      return indexFolder(context, index);
    }
    refuseLoneFolderOptions(context);
    if (context.options.check) {
      const { checkSources } = await import("./checkSources.ts");
      return checkSources(context);
    }
    const { prepareSources } = await import("./prepareSources.ts");
    return prepareSources(context);
  },
});

/** Options that say something about `--images` are nothing without it. */
function refuseLoneFolderOptions({ options, positionals }: Context<PreprocessOptions>): void {
  if (options.images === undefined) {
    const lone = (["labels", "dataset"] as const).find((key) => options[key] !== undefined);
    if (lone !== undefined) throw new UsageError(`--${lone}: expected --images DIR beside it, got none`);
  } else if (positionals.length > 0) {
    throw new UsageError(`${positionals[0]}: expected no sources with --images, got an argument`);
  }
}
