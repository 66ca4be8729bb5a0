import type { Grid } from "./grid.ts";
import { percentiles } from "./percentile.ts";

/** A CT display window in Hounsfield units: its middle and its whole width. */
export interface Window {
  readonly level: number;
  readonly width: number;
}

/** The CT windows of ENSAM §3.2.1, in HU. */
export const windows = {
  soft: { level: 40, width: 400 },
  lung: { level: -160, width: 1500 },
  brain: { level: 40, width: 80 },
  bone: { level: 400, width: 1800 },
} as const satisfies Record<string, Window>;

/** Returns the window that a name or `width/level` in HU means, or undefined if it means none. */
export function parseWindow(text: string): Window | undefined {
  if (Object.hasOwn(windows, text)) return windows[text as keyof typeof windows];
  const match = /^(\d+(?:\.\d+)?)\/(-?\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) return undefined;
  const [width, level] = [Number(match[1]), Number(match[2])];
  return width > 0 ? { width, level } : undefined;
}

/** What was done to bring an image to 8 bits. */
export interface IntensityRule {
  readonly rule: "unchanged" | "window" | "percentiles" | "allPercentiles" | "extremes" | "constant";
  /** The values the image was clipped to; absent where it was not. */
  readonly clip?: readonly [low: number, high: number];
  /** The extremes of the clipped image, which become 0 and 255. */
  readonly range?: readonly [min: number, max: number];
  /** Voxels that are not a number; they become 0. */
  readonly notNumbers: number;
}

export interface EightBitImage {
  readonly grid: Grid<Uint8Array>;
  readonly rule: IntensityRule;
}

/**
 * The image in grey levels 0 to 255, as the challenge's organisers prepare theirs (bowang-lab/MedSAM, pre_CT_MR.py):
 * an 8-bit image unchanged, CT by a window, anything else by the percentiles of its positive voxels.
 * That all values lie in [0, 255] is not enough to leave an image as it is: PET in SUV does too.
 *
 * @param window  the CT window in HU; absent for every other modality
 */
export function toEightBit(image: Grid, window?: Window): EightBitImage {
  if (image.data instanceof Uint8Array) {
    return { grid: { data: image.data, shape: image.shape }, rule: { rule: "unchanged", notNumbers: 0 } };
  }
  return window === undefined ? percentilesToEightBit(image) : windowToEightBit(image, window);
}

/** Clips to the window, in HU, and stretches what is left to 0 to 255. */
function windowToEightBit(image: Grid, { level, width }: Window): EightBitImage {
  return stretch(image, level - width / 2, level + width / 2, "window", false);
}

/**
 * Clips to the 0.5 and 99.5 percentiles of the voxels above 0 and stretches what is left to 0 to 255; voxels that are
 * exactly 0 stay 0. Where that leaves nothing (ultrasound in dB has no voxel above 0, a single hot voxel is all there
 * is above 0) it is done with the percentiles of all voxels, and else with the extremes: only an image of one value
 * becomes 0 everywhere.
 */
function percentilesToEightBit(image: Grid): EightBitImage {
  const limits = percentiles(image.data, [0.5, 99.5], { above: 0 });
  const made = limits && stretch(image, limits[0]!, limits[1]!, "percentiles", true);
  return made === undefined || made.rule.rule === "constant" ? stretchAll(image) : made;
}

function stretchAll(image: Grid): EightBitImage {
  for (const [rule, ends] of [
    ["allPercentiles", [0.5, 99.5]],
    ["extremes", [0, 100]],
  ] as const) {
    const [low, high] = percentiles(image.data, ends) ?? [];
    if (low !== undefined && low < high!) return stretch(image, low, high!, rule, false);
  }
  const grid = { data: new Uint8Array(image.data.length), shape: image.shape };
  return { grid, rule: { rule: "constant", notNumbers: countNotNumbers(image) } };
}

function stretch(
  image: Grid,
  low: number,
  high: number,
  rule: "window" | "percentiles" | "allPercentiles" | "extremes",
  keepZero: boolean,
): EightBitImage {
  const { data, shape } = image;
  const { notNumbers, ...extremes } = extremesOf(data);
  const min = Math.min(Math.max(extremes.min, low), high);
  const max = Math.min(Math.max(extremes.max, low), high);
  const out = new Uint8Array(data.length);
  const span = max - min;
  if (!(span > 0)) return { grid: { data: out, shape }, rule: { rule: "constant", clip: [low, high], notNumbers } };
  const level = (value: number): number => {
    if (Number.isNaN(value) || (keepZero && value === 0)) return 0;
    const clipped = Math.min(Math.max(value, low), high);
    // Divided before multiplied, as in the recipe: the other order moves some voxels by one grey level.
    return ((clipped - min) / span) * 255;
  };
  const values = extremes.max - extremes.min + 1;
  const isOf16Bits = data instanceof Int16Array || data instanceof Uint16Array;
  if (isOf16Bits && values < data.length) lookUp(data, extremes.min, values, level, out);
  else for (let i = 0; i < data.length; i++) out[i] = level(data[i]!);
  return { grid: { data: out, shape }, rule: { rule, clip: [low, high], range: [min, max], notNumbers } };
}

/** The same for 16 bits from a table of the values from `least` on, where voxels are more than they. */
function lookUp(
  data: Int16Array | Uint16Array,
  least: number,
  values: number,
  level: (value: number) => number,
  out: Uint8Array,
): void {
  const table = new Uint8Array(values);
  for (let i = 0; i < values; i++) table[i] = level(least + i);
  for (let i = 0; i < data.length; i++) out[i] = table[data[i]! - least]!;
}

function extremesOf(data: Grid["data"]): { min: number; max: number; notNumbers: number } {
  let [min, max, notNumbers] = [Infinity, -Infinity, 0];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
    if (Number.isNaN(value)) notNumbers++;
  }
  return { min, max, notNumbers };
}

function countNotNumbers({ data }: Grid): number {
  let count = 0;
  for (let i = 0; i < data.length; i++) if (Number.isNaN(data[i])) count++;
  return count;
}
