import type { Grid, VoxelArray } from "./grid.ts";
import { type IntensityRule, toEightBit, type Window } from "./intensity.ts";

export interface GreyLevels {
  readonly grid: Grid<Uint8Array>;
  readonly rule: IntensityRule;
  /** Voxels that are NaN or infinite; they become 0. */
  readonly notFinite: number;
}

/**
 * Any image in grey levels 0 to 255, the values that the model sees: whole numbers that lie in [0, 255] stay as they are,
 * CT goes through its window, anything else through the percentiles of its voxels above 0 (paper section 2.2). An image of
 * real numbers is never taken for 8 bits: PET in SUV lies in [0, 255] too. An image of one value becomes 0.
 *
 * @param window  the CT window in HU; absent for every other modality
 */
export function greyLevels(image: Grid, window?: Window): GreyLevels {
  const { finite, notFinite } = withoutInfinities(image);
  const bytes = asBytes(finite);
  if (bytes !== undefined) return { grid: bytes, rule: { rule: "unchanged", notNumbers: 0 }, notFinite };
  return { ...toEightBit(finite, window), notFinite };
}

/** The image with NaN in place of infinities, which say nothing about the range of intensities. */
function withoutInfinities(image: Grid): { finite: Grid; notFinite: number } {
  const { data } = image;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return { finite: image, notFinite: 0 };
  let notFinite = 0;
  let copy: Float32Array | Float64Array | undefined;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (Number.isFinite(value)) continue;
    notFinite += 1;
    if (Number.isNaN(value)) continue;
    copy ??= data.slice();
    copy[i] = Number.NaN;
  }
  return { finite: copy === undefined ? image : { data: copy, shape: image.shape }, notFinite };
}

/** The same values as bytes, if they are whole numbers in [0, 255] by type and not all the same; else undefined. */
function asBytes({ data, shape }: Grid): Grid<Uint8Array> | undefined {
  if (data instanceof Uint8Array) return { data, shape };
  if (data instanceof Float32Array || data instanceof Float64Array) return undefined;
  const [min, max] = extremes(data);
  if (min < 0 || max > 255 || min === max) return undefined;
  return { data: Uint8Array.from(data), shape };
}

function extremes(data: VoxelArray): [number, number] {
  let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return [min, max];
}
