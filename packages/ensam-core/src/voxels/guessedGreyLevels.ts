import { greyLevelDoubts } from "./greyLevelDoubts.ts";
import { type GreyLevels, greyLevels, passedThrough } from "./greyLevels.ts";
import type { Grid } from "./grid.ts";
import { parseWindow, type Window, windows } from "./intensity.ts";

/** What is known about an image's intensities. */
export interface KnownIntensity {
  /** "CT", or any other. */
  readonly modality?: string | undefined;
  /** A CT window: see `parseWindow`. */
  readonly window?: string | undefined;
  /** Take the values as grey levels 0 to 255, rounded. */
  readonly passThrough?: boolean | undefined;
}

export interface DescribedGreyLevels {
  readonly image: Grid<Uint8Array>;
  /** The window of a CT. */
  readonly window?: Window;
  /** What was done, and what is worth knowing about it. */
  readonly notes: readonly string[];
}

/** Images with a value below this are taken for CT when no modality is given, HU. */
const lowestOfOthers = -500;

/**
 * The image in the 256 grey levels that ensam-preprocess makes, with the modality guessed where it is not given: a CT
 * has voxels far below 0. Voxels that are no finite number become 0.
 *
 * @throws Error when values that are passed through are no grey levels
 */
export function guessedGreyLevels(image: Grid, { modality, window, passThrough }: KnownIntensity): DescribedGreyLevels {
  const isCt =
    modality === "CT" || (modality === undefined && (window !== undefined || hasBelow(image, lowestOfOthers)));
  const chosen = parseWindow(window ?? "soft") ?? windows.soft;
  const made: GreyLevels = passThrough ? passedThrough(image) : greyLevels(image, isCt ? chosen : undefined);
  const { grid, rule, notFinite } = made;
  const doubts = greyLevelDoubts(image, made);
  if (rule.rule === "unchanged") return { image: grid, notes: ["grey levels: unchanged", ...doubts] };
  const how = isCt
    ? `CT window ${chosen.width}/${chosen.level} HU`
    : `the 0.5 and 99.5 percentiles of ${rule.rule === "percentiles" ? "the voxels above 0" : "all voxels"}`;
  const guess = modality === undefined && window === undefined ? " (guessed from the values; --modality sets it)" : "";
  const notes = [`grey levels: ${how}${guess}`, ...doubts];
  if (notFinite > 0) notes.push(`grey levels: ${notFinite} voxels are no finite number and became 0`);
  return { image: grid, notes, ...(isCt && { window: chosen }) };
}

function hasBelow({ data }: Grid, limit: number): boolean {
  for (let i = 0; i < data.length; i++) if (data[i]! < limit) return true;
  return false;
}
