import { type DicomChoice, dicomOptions, type OptionTable } from "@ensam/core/command";

export interface InfoOptions extends DicomChoice {
  json: boolean;
  list: boolean;
  labels?: string;
  key?: string;
  volume?: number;
  channel?: number;
}

const which = "What to look at";

export const infoOptions: OptionTable<InfoOptions> = {
  json: { kind: "boolean", default: false, doc: 'Rows of type "image" (or "series" with --list) instead of text.' },
  list: {
    kind: "boolean",
    default: false,
    group: which,
    doc: "List the volumes of a DICOM folder, zip archive or file by the numbers that --series takes; no pixel is read.",
  },
  labels: {
    kind: "path",
    placeholder: "FILE",
    group: which,
    doc: "A label map that lies on the image: counted, and checked for its place.",
  },
  key: { kind: "string", placeholder: "NAME", group: which, doc: "Member of an npz file." },
  volume: { kind: "integer", min: 0, placeholder: "N", group: which, doc: "Which volume of a 4-D image, from 0." },
  channel: {
    kind: "integer",
    min: 0,
    placeholder: "N",
    group: which,
    doc: "Which channel or layer of a NRRD, MetaImage or TIFF, from 0.",
  },
  ...dicomOptions,
};
