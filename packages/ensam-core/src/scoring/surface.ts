import { type Box, boxShape, paintRuns, type Runs, voxelCount, type Zyx } from "../voxels/index.ts";

/** The surface of an object: what lies around each corner of its voxels. Corner (z, y, x) is before voxel (z, y, x). */
export interface Surface {
  /** Corners along (z, y, x): one more than voxels. */
  readonly shape: Zyx;
  /** For each corner which of the eight voxels around it are inside, as `surfaceAreas` counts; 0 and 255 are no surface. */
  readonly codes: Uint8Array;
  /** The rows of corners that have a code other than 0, ascending. */
  readonly rows: readonly CornerRow[];
  /** How many corners have each code. */
  readonly counts: Uint32Array;
}

/** A row of corners; those with a code other than 0 are all from `low` to `high`, both inclusive. */
export interface CornerRow {
  readonly z: number;
  readonly y: number;
  low: number;
  high: number;
}

/**
 * The surface of an object inside a box that holds it. Voxels beyond the box count as outside, so an object on the
 * border of the image has a surface there. Only corners near the object are touched.
 */
export function surfaceOf(runs: Runs, box: Box): Surface {
  const [depth, height, width] = boxShape(box);
  const mask = { data: new Uint8Array(depth * height * width), shape: [depth, height, width] as const };
  paintRuns(runs, mask, box.min);
  const shape: Zyx = [depth + 1, height + 1, width + 1];
  const codes = new Uint8Array(voxelCount(shape));
  const counts = new Uint32Array(256);
  const rows = cornerRows(runs, box);
  const none = new Uint8Array(width);
  const voxelRow = (z: number, y: number) => {
    if (z < 0 || y < 0 || z === depth || y === height) return none;
    return mask.data.subarray((z * height + y) * width, (z * height + y + 1) * width);
  };
  for (const row of rows) {
    const { z, y } = row;
    const to = (z * shape[1] + y) * shape[2];
    codeRow(voxelRow(z - 1, y - 1), voxelRow(z - 1, y), voxelRow(z, y - 1), voxelRow(z, y), row, codes, to, counts);
  }
  return { shape, codes, rows, counts };
}

/** The rows of corners around each row of voxels with a run. */
function cornerRows({ box: ofRuns, rowStart, start, end }: Runs, box: Box): CornerRow[] {
  const [depth, height] = boxShape(box);
  const corners: (CornerRow | undefined)[] = new Array((depth + 1) * (height + 1)).fill(undefined);
  let row = 0;
  for (let z = ofRuns.min[0] - box.min[0]; z < ofRuns.max[0] - box.min[0]; z++) {
    for (let y = ofRuns.min[1] - box.min[1]; y < ofRuns.max[1] - box.min[1]; y++, row++) {
      if (rowStart[row] === rowStart[row + 1]) continue;
      const low = start[rowStart[row]!]! - box.min[2];
      const high = end[rowStart[row + 1]! - 1]! - box.min[2];
      for (const [cornerZ, cornerY] of [
        [z, y],
        [z, y + 1],
        [z + 1, y],
        [z + 1, y + 1],
      ] as const) {
        const row = cornerZ * (height + 1) + cornerY;
        const corner = corners[row];
        if (corner === undefined) corners[row] = { z: cornerZ, y: cornerY, low, high };
        else {
          corner.low = Math.min(corner.low, low);
          corner.high = Math.max(corner.high, high);
        }
      }
    }
  }
  return corners.filter((corner) => corner !== undefined);
}

/** One row of corners, from the rows of voxels at (z-1, y-1), (z-1, y), (z, y-1) and (z, y). */
function codeRow(
  a: Uint8Array,
  b: Uint8Array,
  c: Uint8Array,
  d: Uint8Array,
  { low, high }: CornerRow,
  codes: Uint8Array,
  to: number,
  counts: Uint32Array,
): void {
  // The last corner of a row has no voxel after it.
  const last = Math.min(high, a.length - 1);
  let before = 0;
  for (let x = low; x <= last; x++) {
    const here = (a[x]! << 6) | (b[x]! << 4) | (c[x]! << 2) | d[x]!;
    const code = (before << 1) | here;
    before = here;
    codes[to + x] = code;
    counts[code]!++;
  }
  if (high > last) {
    codes[to + high] = before << 1;
    counts[before << 1]!++;
  }
}
