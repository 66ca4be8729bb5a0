import { type CaseRow, InputError } from "@ensam/core/command";
import { type ChallengeBox, challengeBoxes, largestShift } from "@ensam/core/prompts";
import { type LabelMap, randomStream } from "@ensam/core/voxels";
import type { SimulateOptions } from "./options.ts";

export interface BoxQuestion {
  readonly row: Pick<CaseRow, "case" | "modality">;
  readonly npz: string;
  readonly truth: LabelMap;
  readonly labels: readonly number[];
  /** The boxes in the file. */
  readonly stored: readonly ChallengeBox[] | undefined;
  /** The file holds its own truth: a training or preprocessed file, which never has boxes. */
  readonly hasTruth: boolean;
  readonly options: Pick<SimulateOptions, "boxes" | "boxShift" | "seed">;
}

/**
 * The boxes of a case, one per label ascending, or `undefined` for clicks only. With `auto` the file's boxes count; a
 * file that holds its own truth and no boxes (training, preprocessed) gets them made, but not in Microscopy, for which
 * the challenge makes none; a file without truth and boxes is a challenge input that is meant to have none.
 */
export function chooseBoxes(question: BoxQuestion): readonly ChallengeBox[] | undefined {
  const { row, npz, labels, stored, hasTruth, options } = question;
  const isMade = options.boxes === "made" || (options.boxes === "auto" && hasTruth && row.modality !== "Microscopy");
  if (options.boxes === "none") return undefined;
  if (stored !== undefined && stored.length > 0 && options.boxes !== "made") {
    if (stored.length === labels.length) return stored;
    throw new InputError(
      `${npz}: boxes: expected one for each of the labels ${labels.join(", ")}, got ${stored.length}`,
    );
  }
  return isMade ? madeBoxes(question) : undefined;
}

function madeBoxes({ row, truth, options }: BoxQuestion): ChallengeBox[] {
  const drawn = (label: number) => randomStream(options.seed, "box", row.case, label).int(0, largestShift + 1);
  return [...challengeBoxes(truth, (label) => options.boxShift ?? drawn(label)).values()];
}
