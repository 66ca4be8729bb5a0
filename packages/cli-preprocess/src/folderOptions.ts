import { modalities, type OptionTable } from "@ensam/core/command";
import type { PreprocessOptions } from "./options.ts";

const group = "Folders of images";

/** Options that make source rows from folders, so that nobody has to write them by hand. */
export const folderOptions = {
  images: {
    kind: "path",
    placeholder: "FOLDER",
    group,
    doc: "Make a source of each image in a folder, be it a file or a folder of DICOM files; a dataset in nnU-Net's layout is told by its imagesTr and dataset.json.",
  },
  labels: {
    kind: "path",
    placeholder: "FOLDER",
    group,
    defaultWords: "labelsTr in nnU-Net's layout, else none",
    doc: "The label maps, named like their images.",
  },
  modality: {
    kind: "choice",
    choices: modalities,
    group,
    doc: "Modality of images (--images) or npz files (--index) whose folders, names and dataset.json do not say it.",
  },
  dataset: {
    kind: "string",
    placeholder: "NAME",
    group,
    defaultWords: "from the images' names, else modality and folder",
    doc: "Name of the dataset, by which ensam-coreset balances.",
  },
  channel: {
    kind: "integer",
    min: 0,
    placeholder: "N",
    group,
    doc: "Which channel of a dataset.json with several, from 0; without one, which channel of TIFF, NRRD and MetaImage files, for rows that name none.",
  },
  volume: {
    kind: "integer",
    min: 0,
    placeholder: "N",
    group: "Intensity",
    doc: "Which volume of 4-D images to take, from 0, for rows that name none.",
  },
} as const satisfies Partial<OptionTable<PreprocessOptions>>;
