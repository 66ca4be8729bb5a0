import { InputError, type Modality } from "@ensam/core/command";
import { type Grid, toEightBit, type VoxelArray, type Window } from "@ensam/core/voxels";

export interface GreyLevels {
  readonly imgs: Grid<Uint8Array>;
  /** What was done and what it lost, one sentence each. */
  readonly notes: readonly string[];
}

export interface GreyLevelRules {
  readonly modality: Modality;
  /** For CT; in HU. */
  readonly window: Window;
  /** Whether voxels that are not finite become grey level 0, instead of refusing the image. */
  readonly nanAsZero: boolean;
}

/**
 * Returns an image in 256 grey levels: images of whole numbers that lie in [0, 255] already unchanged, CT by a window,
 * others by the percentiles of their voxels above zero (paper section 2.2). An image of real numbers is never taken
 * for 8 bits: PET in SUV lies in [0, 255] too. An image of one value has nothing to leave unchanged; it becomes 0.
 */
export function greyLevels(image: Grid, { modality, window, nanAsZero }: GreyLevelRules): GreyLevels {
  const { finite, odd } = withoutInfinities(image);
  if (odd > 0 && !nanAsZero) {
    throw new InputError(
      `image: expected finite values, got ${voxels(odd)} that are NaN or infinite; --nan zero makes them 0`,
    );
  }
  const oddNotes = odd > 0 ? [`${voxels(odd)} that were NaN or infinite became 0`] : [];
  const bytes = asBytes(finite);
  if (bytes !== undefined) return { imgs: bytes, notes: ["grey levels: whole numbers in [0, 255], unchanged"] };
  const { grid, rule } = toEightBit(finite, modality === "CT" ? window : undefined);
  const words =
    rule.rule === "constant"
      ? "grey levels: all 0, since every voxel has the same value after clipping"
      : `grey levels: ${ruleWords(modality, window)}, ${rangeWords(rule.range)} to 0..255; ${clipWords(finite, rule.clip)}`;
  return { imgs: grid, notes: [words, ...oddNotes] };
}

/** The image with NaN in place of infinities (the same data if there are none), and how many voxels are not finite. */
function withoutInfinities(image: Grid): { finite: Grid; odd: number } {
  const { data } = image;
  if (!(data instanceof Float32Array || data instanceof Float64Array)) return { finite: image, odd: 0 };
  let odd = 0;
  let copy: Float32Array | Float64Array | undefined;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value - value === 0) continue; // only finite values differ from themselves by 0
    odd += 1;
    if (Number.isNaN(value)) continue;
    copy ??= data.slice();
    copy[i] = Number.NaN;
  }
  return { finite: copy === undefined ? image : { data: copy, shape: image.shape }, odd };
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

function ruleWords(modality: Modality, { width, level }: Window): string {
  return modality === "CT" ? `window ${width}/${level} HU` : "0.5 and 99.5 percentiles of the voxels above 0";
}

function rangeWords(range: readonly [number, number] | undefined): string {
  return range === undefined ? "" : `${rounded(range[0])}..${rounded(range[1])}`;
}

/** Says what clipping lost: the voxels below and above the limits. */
function clipWords({ data }: Grid, clip: readonly [number, number] | undefined): string {
  if (clip === undefined) return "nothing clipped";
  let [below, above] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    if (data[i]! < clip[0]) below += 1;
    else if (data[i]! > clip[1]) above += 1;
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
