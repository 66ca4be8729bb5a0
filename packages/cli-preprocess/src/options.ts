import type { CaseOptions } from "@ensam/core/command";

/** Options of ensam-preprocess. */
export interface PreprocessOptions extends CaseOptions {
  out?: string;
  window?: string;
  nan: "fail" | "zero";
  labelledSlices: boolean;
  explain: boolean;
  index?: string;
  modality?: "CT" | "MR" | "PET" | "US" | "Microscopy";
}
