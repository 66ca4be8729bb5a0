import { InputError, type Modality } from "@ensam/core/command";
import {
  type GreyLevels,
  type Grid,
  greyLevelDoubts,
  greyLevels,
  type IntensityRule,
  passedThrough,
  type Window,
} from "@ensam/core/voxels";

export interface DescribedGreyLevels {
  readonly imgs: Grid<Uint8Array>;
  /** What was done and what it lost, one sentence each. */
  readonly notes: readonly string[];
  /** What a user should hear of in any case, one sentence each. */
  readonly warnings: readonly string[];
}

export interface GreyLevelRules {
  readonly modality: Modality;
  /** For CT; in HU. */
  readonly window: Window;
  /** Whether voxels that are not finite become grey level 0, instead of refusing the image. */
  readonly nanAsZero: boolean;
  /** Whether an image of a wider type holds grey levels already. */
  readonly passThrough: boolean;
}

/**
 * Returns an image in the 256 grey levels of voxels' `greyLevels`, and in words what was done. An image with voxels
 * that are not finite is refused unless they may become 0.
 */
export function describedGreyLevels(
  image: Grid,
  { modality, window, nanAsZero, passThrough }: GreyLevelRules,
): DescribedGreyLevels {
  const made = passThrough ? asGreyLevels(image) : greyLevels(image, modality === "CT" ? window : undefined);
  const { grid, rule, notFinite } = made;
  if (notFinite > 0 && !nanAsZero) {
    throw new InputError(
      `image: expected finite values, got ${voxels(notFinite)} that are NaN or infinite; --nan zero makes them 0`,
    );
  }
  const oddNotes = notFinite > 0 ? [`${voxels(notFinite)} that were NaN or infinite became 0`] : [];
  const notes = [`grey levels: ${words(image, window, rule)}`, ...oddNotes];
  return { imgs: grid, notes, warnings: greyLevelDoubts(image, made) };
}

function words(image: Grid, window: Window, { rule, range, clip }: IntensityRule): string {
  if (rule === "unchanged") return "grey levels already, unchanged";
  if (rule === "constant") return "all 0, since every voxel has the same value after clipping";
  return `${ruleWords(rule, window)}, ${rangeWords(range)} to 0..255; ${clipWords(image, clip)}`;
}

function ruleWords(rule: IntensityRule["rule"], { width, level }: Window): string {
  if (rule === "window") return `window ${width}/${level} HU`;
  if (rule === "extremes") return "lowest and highest value";
  return `0.5 and 99.5 percentiles of ${rule === "percentiles" ? "the voxels above 0" : "all voxels"}`;
}

function rangeWords(range: readonly [number, number] | undefined): string {
  return range === undefined ? "" : `${rounded(range[0])}..${rounded(range[1])}`;
}

/** Says what clipping lost: the voxels below and above the limits. */
function clipWords({ data }: Grid, clip: readonly [number, number] | undefined): string {
  if (clip === undefined) return "nothing clipped";
  let [below, above] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (!Number.isFinite(value)) continue;
    if (value < clip[0]) below += 1;
    else if (value > clip[1]) above += 1;
  }
  const share = (count: number): string => `${((100 * count) / data.length).toFixed(1)} %`;
  return `clipped ${share(below)} of the voxels below and ${share(above)} above`;
}

function voxels(count: number): string {
  return count === 1 ? "1 voxel" : `${count} voxels`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(6));
}

/** Values that are no grey levels are the input's fault, not the program's. */
function asGreyLevels(image: Grid): GreyLevels {
  try {
    return passedThrough(image);
  } catch (error) {
    throw new InputError((error as Error).message, { cause: error });
  }
}
