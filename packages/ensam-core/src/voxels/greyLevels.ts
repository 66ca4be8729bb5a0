import type { Grid } from "./grid.ts";
import { type IntensityRule, toEightBit, type Window } from "./intensity.ts";

export interface GreyLevels {
  readonly grid: Grid<Uint8Array>;
  readonly rule: IntensityRule;
  /** Voxels that are NaN or infinite; they become 0. */
  readonly notFinite: number;
}

/**
 * Any image in grey levels 0 to 255, the values that the model sees, as the organisers made theirs (ENSAM §3.2.1): an
 * image of unsigned bytes stays as it is, CT goes through its window, anything else through the percentiles of its
 * voxels above 0. An image of another type is never taken for 8 bits because its values lie in [0, 255]: those of PET
 * in SUV do too. An image of one value becomes 0.
 *
 * @param window  the CT window in HU; absent for every other modality
 */
export function greyLevels(image: Grid, window?: Window): GreyLevels {
  const { finite, notFinite } = withoutInfinities(image);
  return { ...toEightBit(finite, window), notFinite };
}

/**
 * An image of another type whose values are known to be grey levels already, rounded to whole numbers.
 *
 * @throws RangeError when a finite value lies outside of [0, 255]
 */
export function passedThrough(image: Grid): GreyLevels {
  const { finite, notFinite } = withoutInfinities(image);
  const data = new Uint8Array(finite.data.length);
  for (let i = 0; i < data.length; i++) {
    const value = finite.data[i]!;
    if (value < 0 || value > 255) {
      throw new RangeError(`image: expected grey levels in [0, 255] to pass through, got ${value}`);
    }
    data[i] = Math.round(value); // NaN becomes 0.
  }
  return { grid: { data, shape: image.shape }, rule: { rule: "unchanged", notNumbers: 0 }, notFinite };
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
