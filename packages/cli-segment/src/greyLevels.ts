import { type Grid, toEightBit, windows } from "@ensam/core/voxels";
import { parseWindow } from "./ctWindow.ts";
import type { SegmentOptions } from "./options.ts";

export interface GreyLevels {
  readonly image: Grid<Uint8Array>;
  /** What was done, and what is worth knowing about it. */
  readonly notes: readonly string[];
}

/** Images with a value below this are taken for CT when no modality is given, HU. */
const lowestOfOthers = -500;

/**
 * The image in 256 grey levels, as ensam-preprocess makes them: whole numbers that lie in [0, 255] by type unchanged, CT
 * by a window, anything else by the percentiles of the voxels above 0. Voxels that are no finite number become 0.
 */
export function greyLevels(image: Grid, { modality, window }: Pick<SegmentOptions, "modality" | "window">): GreyLevels {
  const bytes = asBytes(image);
  if (bytes !== undefined) return { image: bytes, notes: ["grey levels: whole numbers in [0, 255], unchanged"] };
  const isCt =
    modality === "CT" || (modality === undefined && (window !== undefined || hasBelow(image, lowestOfOthers)));
  const chosen = parseWindow(window ?? "soft") ?? windows.soft;
  const { grid, rule } = toEightBit(withoutInfinities(image), isCt ? chosen : undefined);
  const how = isCt
    ? `CT window ${chosen.width}/${chosen.level} HU`
    : "the 0.5 and 99.5 percentiles of the voxels above 0";
  const guess = modality === undefined && window === undefined ? " (guessed from the values; --modality sets it)" : "";
  const notes = [`grey levels: ${how}${guess}`];
  if (rule.rule === "constant") notes.push("grey levels: every voxel is the same, so nothing can be seen");
  if (rule.notNumbers > 0) notes.push(`grey levels: ${rule.notNumbers} voxels are no finite number and became 0`);
  return { image: grid, notes };
}

function asBytes({ data, shape }: Grid): Grid<Uint8Array> | undefined {
  if (data instanceof Uint8Array) return { data, shape };
  if (data instanceof Float32Array || data instanceof Float64Array) return undefined;
  const bytes = Uint8Array.from(data);
  const isSame = bytes.every((value, i) => value === data[i]);
  return isSame && bytes.some((value) => value !== bytes[0]) ? { data: bytes, shape } : undefined;
}

function hasBelow({ data }: Grid, limit: number): boolean {
  for (let i = 0; i < data.length; i++) if (data[i]! < limit) return true;
  return false;
}

/** The same image with NaN in place of infinities: they say nothing about the range of intensities. */
function withoutInfinities(image: Grid): Grid {
  const { data, shape } = image;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return image;
  let copy: Float32Array | Float64Array | undefined;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value - value === 0 || Number.isNaN(value)) continue; // Only of finite values is the difference 0.
    copy ??= data.slice();
    copy[i] = Number.NaN;
  }
  return copy === undefined ? image : { data: copy, shape };
}
