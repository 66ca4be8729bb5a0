import type { Grid } from "./grid.ts";

/**
 * The image with its grey values bent: a piecewise linear map that takes `reference[k]` to `floating[k]`, both given on
 * [0, 1] and stretched to the image's own least and greatest value. A constant image comes back as it is.
 *
 * Source: ENSAM §3.2.3 names the kind; the map is that of MONAI's RandHistogramShift.
 *
 * @param reference  ascending, from 0 to 1
 * @param floating   as many, in any order
 */
export function histogramShift(
  image: Grid<Float32Array>,
  reference: readonly number[],
  floating: readonly number[],
): Grid<Float32Array> {
  if (reference.length < 2 || reference.length !== floating.length) {
    throw new Error(
      `histogramShift: expected as many floating as reference points, at least 2, got ${floating.length} and ${reference.length}`,
    );
  }
  const { data, shape } = image;
  let min = Infinity;
  let max = -Infinity;
  for (let i = 0; i < data.length; i++) {
    if (data[i]! < min) min = data[i]!;
    if (data[i]! > max) max = data[i]!;
  }
  if (!(max > min)) return { data: data.slice(), shape };
  const xs = Float64Array.from(reference, (r) => r * (max - min) + min);
  const ys = Float64Array.from(floating, (f) => f * (max - min) + min);
  const last = xs.length - 1;
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    let k = 1;
    while (k < last && value > xs[k]!) k++;
    const t = (value - xs[k - 1]!) / (xs[k]! - xs[k - 1]!);
    out[i] = value <= xs[0]! ? ys[0]! : value >= xs[last]! ? ys[last]! : ys[k - 1]! + (ys[k]! - ys[k - 1]!) * t;
  }
  return { data: out, shape };
}
