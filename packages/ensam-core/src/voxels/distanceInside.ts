import type { Grid, Mask } from "./grid.ts";

/**
 * For each voxel of the mask the squared distance, in voxels, to the nearest voxel outside it; 0 outside. What lies
 * beyond the grid counts as outside. Exact integers: the measure the challenge's clicks are placed by.
 *
 * Axis by axis (Felzenszwalb and Huttenlocher 2012; Meijster et al. 2000): along x by counting, along y and z by the
 * lower envelope of parabolas. A stretch of inside voxels is closed off by the outside voxels at its two ends, so each
 * stretch is solved by itself.
 */
export function squaredDistanceInside(mask: Mask): Grid<Int32Array> {
  const [depth, height, width] = mask.shape;
  const data = new Int32Array(mask.data.length);
  squareAlongRows(mask.data, data, width);
  const longest = Math.max(depth, height) + 2;
  const line: Line = {
    height: new Int32Array(longest),
    site: new Int32Array(longest),
    from: new Int32Array(longest),
  };
  if (height > 0) {
    for (let z = 0; z < depth; z++) {
      for (let x = 0; x < width; x++) lowerLine(data, z * height * width + x, width, height, line);
    }
  }
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) lowerLine(data, y * width + x, height * width, depth, line);
  }
  return { data, shape: mask.shape };
}

function squareAlongRows(mask: Uint8Array, out: Int32Array, width: number): void {
  for (let row = 0; row < mask.length; row += width) {
    const rowEnd = row + width;
    for (let i = row; i < rowEnd; ) {
      if (mask[i] === 0) {
        i++;
        continue;
      }
      const before = i - 1;
      while (i < rowEnd && mask[i] !== 0) i++;
      const middle = (before + i) >> 1;
      for (let k = before + 1; k <= middle; k++) out[k] = (k - before) * (k - before);
      for (let k = middle + 1; k < i; k++) out[k] = (i - k) * (i - k);
    }
  }
}

/** Room for one line: parabola heights, and the envelope as the sites in it and the place each starts to be lowest. */
interface Line {
  readonly height: Int32Array;
  readonly site: Int32Array;
  readonly from: Int32Array;
}

/** Replaces the values of one line by min over j of value[j] + (i - j)^2, stretch by stretch of values above 0. */
function lowerLine(data: Int32Array, first: number, stride: number, length: number, line: Line): void {
  for (let i = 0; i < length; ) {
    while (i < length && data[first + i * stride] === 0) i++;
    if (i === length) return;
    const begin = i;
    while (i < length && data[first + i * stride] !== 0) i++;
    lowerStretch(data, first + begin * stride, stride, i - begin, line);
  }
}

/** One stretch of `length` values, with an outside voxel (height 0) just before and just after it. */
function lowerStretch(data: Int32Array, first: number, stride: number, length: number, line: Line): void {
  if (length === 1) {
    data[first] = 1;
    return;
  }
  const { height, site, from } = line;
  // Position 0 is the outside voxel before the stretch, length + 1 the one after it.
  let top = 0;
  site[0] = 0;
  from[0] = 0;
  height[0] = 0;
  for (let q = 1; q <= length + 1; q++) {
    const h = q <= length ? data[first + (q - 1) * stride]! : 0;
    height[q] = h;
    // The first place where q's parabola is strictly lower than that of the envelope's last site.
    let place = crossing(site[top]!, height[site[top]!]!, q, h);
    while (top > 0 && place <= from[top]!) {
      top--;
      place = crossing(site[top]!, height[site[top]!]!, q, h);
    }
    if (place > length) continue;
    top++;
    site[top] = q;
    from[top] = place;
  }
  for (let q = length; q >= 1; q--) {
    while (from[top]! > q) top--;
    const s = site[top]!;
    data[first + (q - 1) * stride] = (q - s) * (q - s) + height[s]!;
  }
}

/** The first integer place at which the parabola on `right` is below that on `left`, or equal to it. */
function crossing(left: number, leftHeight: number, right: number, rightHeight: number): number {
  return Math.ceil((right * right - left * left + rightHeight - leftHeight) / (2 * (right - left)));
}
