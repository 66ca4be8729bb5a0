import type { CaseOptions, DicomChoice, Modality } from "@ensam/core/command";

/** Options of ensam-preprocess. */
export interface PreprocessOptions extends CaseOptions, DicomChoice {
  out?: string;
  window?: string;
  nan: "fail" | "zero";
  passThrough: boolean;
  orientation: "lps" | "stored";
  labelHeader: "use" | "ignore";
  labelledSlices: boolean;
  explain: boolean;
  relative?: string;
  images?: string;
  labels?: string;
  dataset?: string;
  channel?: number;
  volume?: number;
  index?: string;
  known?: string;
  list: boolean;
  check: boolean;
  modality?: Modality;
}
