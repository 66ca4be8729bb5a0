import { basename, join } from "node:path";
import type { CaseRow } from "@ensam/core/command";
import { InputError } from "@ensam/core/command";
import { type ChallengeCase, readChallengeCase, readNpz, readTruth, spacingDoubts } from "@ensam/core/files";
import type { ChallengeBox } from "@ensam/core/prompts";
import { type Grid, type LabelMap, labelBoxes } from "@ensam/core/voxels";
import { chooseBoxes } from "./chooseBoxes.ts";
import type { SimulateOptions } from "./options.ts";

/** A case ready for the loop. */
export interface SimulatedCase {
  readonly name: string;
  /** The npz that the case row names, absolute. */
  readonly npz: string;
  /** The npz that holds the truth, absolute. */
  readonly truthPath: string;
  readonly image: Grid;
  readonly content: ChallengeCase;
  readonly truth: LabelMap;
  /** Labels of the truth, ascending. */
  readonly labels: readonly number[];
  /** One box per label in the same order, or none at all. */
  readonly boxes: readonly ChallengeBox[] | undefined;
  /** The npz may go to a predictor as it is: it holds no truth, and its boxes are the ones used. */
  readonly isOriginal: boolean;
  readonly warnings: readonly string[];
}

/** Where the truth of a case lies. */
export function truthPathOf(npz: string, truthFolder: string | undefined): string {
  return truthFolder === undefined ? npz : join(truthFolder, basename(npz));
}

/** Reads a case with its truth, and decides on its boxes. Rejects with `path: expected ..., got ...`. */
export async function readSimulatedCase(row: CaseRow, npz: string, options: SimulateOptions): Promise<SimulatedCase> {
  const archive = await readNpz(npz);
  const truthPath = truthPathOf(npz, options.truth);
  const optional = (["spacing", "boxes", "text_prompts"] as const).filter((key) => archive.has(key));
  const content = await readChallengeCase(npz, ["imgs", ...optional]);
  const { labels: truth, warnings: ofTruth } = await readTruth(truthPath, npz);
  const image = content.imgs!;
  if (image.shape.join() !== truth.shape.join()) {
    throw new InputError(`${truthPath}: gts: expected the image's shape [${image.shape}], got [${truth.shape}]`);
  }
  const labels = [...labelBoxes(truth).keys()];
  if (labels.length === 0) throw new InputError(`${truthPath}: gts: expected at least one label, got background only`);
  const hasTruth = archive.has("gts");
  const boxes = chooseBoxes({ row, npz, truth, labels, stored: content.boxes, hasTruth, options });
  const isOriginal = !hasTruth && boxes === content.boxes;
  const warnings = [...ofTruth, ...spacingDoubts(row.spacing, content.spacing)];
  return { name: row.case, npz, truthPath, image, content, truth, labels, boxes, isOriginal, warnings };
}
