import type { Zyx } from "../geometry/index.ts";
import type { Grid, Mask } from "./grid.ts";

export interface BorderOptions {
  /** "open": only voxels of the grid can be outside the mask. "closed": everything beyond the grid is outside too. */
  readonly border?: "open" | "closed";
}

/**
 * For each voxel of the mask the distance, in the spacing's unit, from its centre to that of the nearest voxel outside
 * the mask; 0 outside it. Infinity where nothing is outside (only with an open border).
 *
 * @param spacing  voxel spacing along (z, y, x)
 */
export function distanceTransform(mask: Mask, spacing: Zyx, options: BorderOptions = {}): Grid<Float64Array> {
  const squared = squaredDistance(mask, spacing, options);
  for (let i = 0; i < squared.data.length; i++) squared.data[i] = Math.sqrt(squared.data[i]!);
  return squared;
}

/** The squares of {@link distanceTransform}: (dz sz)^2 + (dy sy)^2 + (dx sx)^2, added in this order. */
export function squaredDistance(mask: Mask, spacing: Zyx, { border = "open" }: BorderOptions = {}): Grid<Float64Array> {
  for (const step of spacing) {
    if (!(step > 0 && step < Infinity)) {
      throw new Error(`squaredDistance: expected three positive spacings, got [${spacing}]`);
    }
  }
  const [depth, height, width] = mask.shape;
  const closed = border === "closed";
  const data = new Float64Array(mask.data.length);
  squareAlongZ(mask, data, spacing[0], closed);
  const longest = Math.max(height, width) + 2;
  const line = {
    value: new Float64Array(longest),
    site: new Int32Array(longest),
    from: new Float64Array(longest),
  };
  for (let z = 0; z < depth; z++) {
    for (let x = 0; x < width; x++) lowerLine(data, z * height * width + x, width, height, spacing[1], closed, line);
  }
  for (let row = 0; row < data.length; row += width) lowerLine(data, row, 1, width, spacing[2], closed, line);
  return { data, shape: mask.shape };
}

function squareAlongZ({ data: mask, shape }: Mask, out: Float64Array, step: number, closed: boolean): void {
  const depth = shape[0];
  const area = shape[1] * shape[2];
  const beyond = closed ? 0 : Infinity;
  for (let i = 0; i < area; i++) out[i] = mask[i] === 0 ? 0 : beyond + 1;
  for (let i = area; i < out.length; i++) out[i] = mask[i] === 0 ? 0 : out[i - area]! + 1;
  for (let z = depth - 1; z >= 0; z--) {
    for (let i = z * area; i < (z + 1) * area; i++) {
      const above = z === depth - 1 ? beyond + 1 : out[i + area]! + 1;
      if (above < out[i]!) out[i] = above;
    }
  }
  for (let i = 0; i < out.length; i++) {
    const offset = out[i]! * step;
    out[i] = offset * offset;
  }
}

/** Room for one line: its values, the sites of the lower envelope, and from where on each is the lowest. */
interface Line {
  readonly value: Float64Array;
  readonly site: Int32Array;
  readonly from: Float64Array;
}

/**
 * Replaces the values of one line by min over j of value[j] + ((i - j) step)^2, by the lower envelope of parabolas
 * (Felzenszwalb and Huttenlocher 2012). With a closed border two sites of value 0 stand just beyond the ends.
 */
function lowerLine(
  data: Float64Array,
  first: number,
  stride: number,
  length: number,
  step: number,
  closed: boolean,
  { value, site, from }: Line,
): void {
  // value[q + 1] is that of position q; positions -1 and length are beyond the border.
  value[0] = closed ? 0 : Infinity;
  value[length + 1] = value[0]!;
  let largest = 0;
  for (let q = 0; q < length; q++) {
    value[q + 1] = data[first + q * stride]!;
    if (value[q + 1]! > largest) largest = value[q + 1]!;
  }
  if (largest === 0) return;
  let top = -1;
  for (let q = -1; q <= length; q++) {
    const height = value[q + 1]!;
    if (height === Infinity) continue;
    let start = -Infinity;
    while (top >= 0) {
      const other = site[top]!;
      start = (q + other) / 2 + (height - value[other + 1]!) / (2 * step * step * (q - other));
      if (start > from[top]!) break;
      top--;
    }
    if (top < 0) start = -Infinity;
    top++;
    site[top] = q;
    from[top] = start;
  }
  if (top < 0) return;
  let last = top;
  for (let q = length - 1; q >= 0; q--) {
    while (from[last]! > q) last--;
    const offset = (q - site[last]!) * step;
    data[first + q * stride] = value[site[last]! + 1]! + offset * offset;
  }
}
