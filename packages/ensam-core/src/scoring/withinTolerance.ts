import { squaredDistance, type Zyx } from "../voxels/index.ts";
import type { Surface } from "./surface.ts";

/**
 * For each code, how many of `from`'s surface corners carrying it have a surface corner of `to` within the tolerance.
 * Decided as sqrt((dz sz)^2 + (dy sy)^2 + (dx sx)^2) <= tolerance in float64, the sum in this order.
 *
 * @param from, to   surfaces in one box
 * @param spacing    mm along (z, y, x)
 * @param tolerance  mm
 * @returns          256 counts
 */
export function withinTolerance(from: Surface, to: Surface, spacing: Zyx, tolerance: number): Uint32Array {
  const reach = rowReach(from.shape, spacing, tolerance);
  // With a fine spacing a corner has thousands of rows in reach, and then one exact distance transform is cheaper.
  return reach.length <= manyRows ? byRows(from, to, reach) : byDistance(from, to, spacing, tolerance, reach);
}

const manyRows = 600;

/** A row (dz, dy) away, and how far along x the tolerance reaches there. */
interface RowReach {
  readonly dz: number;
  readonly dy: number;
  readonly dx: number;
}

/** The rows in reach, nearest first. */
function rowReach(shape: Zyx, [sz, sy, sx]: Zyx, tolerance: number): RowReach[] {
  const far = (dz: number, dy: number, dx: number) => {
    const [a, b, c] = [dz * sz, dy * sy, dx * sx];
    return Math.sqrt(a * a + b * b + c * c) > tolerance;
  };
  const rows: RowReach[] = [];
  for (let dz = 0; dz < shape[0] && !far(dz, 0, 0); dz++) {
    for (let dy = 0; dy < shape[1] && !far(dz, dy, 0); dy++) {
      let dx = Math.min(shape[2] - 1, Math.floor(tolerance / sx) + 1);
      while (far(dz, dy, dx)) dx--;
      for (const z of dz === 0 ? [0] : [dz, -dz]) {
        for (const y of dy === 0 ? [0] : [dy, -dy]) rows.push({ dz: z, dy: y, dx });
      }
    }
  }
  const squared = ({ dz, dy }: RowReach) => (dz * sz) ** 2 + (dy * sy) ** 2;
  return rows.sort((a, b) => squared(a) - squared(b));
}

/** Whether a corner, given as its flat index and its (z, y), has a surface corner of the other object in reach. */
type Search = (index: number, z: number, y: number) => boolean;

function byRows(from: Surface, to: Surface, reach: readonly RowReach[]): Uint32Array {
  const counts = new Uint32Array(256);
  const found = rowSearch(to, reach);
  forEachCorner(from, (code, index, z, y) => {
    if (found(index, z, y)) counts[code]!++;
  });
  return counts;
}

function byDistance(
  from: Surface,
  to: Surface,
  spacing: Zyx,
  tolerance: number,
  reach: readonly RowReach[],
): Uint32Array {
  const counts = new Uint32Array(256);
  const outside = to.codes.map((code) => (code === 0 || code === 255 ? 1 : 0));
  const squared = squaredDistance({ data: outside, shape: to.shape }, spacing).data;
  // The transform rounds; corners within a hair of the tolerance are looked at again, exactly.
  const [low, high] = [tolerance * tolerance * (1 - 1e-9), tolerance * tolerance * (1 + 1e-9)];
  let found: Search | undefined;
  forEachCorner(from, (code, index, z, y) => {
    const value = squared[index]!;
    if (value > high) return;
    found ??= rowSearch(to, reach);
    if (value < low || found(index, z, y)) counts[code]!++;
  });
  return counts;
}

const onCorner = 65535;

/**
 * For each corner 65535 less how far along its row, to either side, the nearest surface corner is; 0 where none is as
 * near as `reach`, so that what is far from the object need not be written.
 */
function closenessInRow({ codes, rows, shape }: Surface, reach: number): Uint16Array {
  const [, height, width] = shape;
  const closeness = new Uint16Array(codes.length);
  for (const { z, y, low, high } of rows) {
    const row = (z * height + y) * width;
    const first = row + Math.max(0, low - reach);
    const last = row + Math.min(width - 1, high + reach);
    let value = 0;
    for (let i = first; i <= last; i++) {
      const code = codes[i]!;
      if (code !== 0 && code !== 255) value = onCorner;
      else if (value > 0) value--;
      closeness[i] = value;
    }
    value = 0;
    for (let i = last; i >= first; i--) {
      const before = closeness[i]!;
      if (before === onCorner) value = onCorner;
      else if (value > 0) value--;
      if (value > before) closeness[i] = value;
    }
  }
  return closeness;
}

function rowSearch(to: Surface, reach: readonly RowReach[]): Search {
  const [depth, height, width] = to.shape;
  const closeness = closenessInRow(to, reach[0]?.dx ?? 0);
  const count = reach.length;
  const dzs = Int32Array.from(reach, ({ dz }) => dz);
  const dys = Int32Array.from(reach, ({ dy }) => dy);
  const needed = Int32Array.from(reach, ({ dx }) => onCorner - dx);
  const steps = Int32Array.from(reach, ({ dz, dy }) => (dz * height + dy) * width);
  return (index, z, y) => {
    for (let i = 0; i < count; i++) {
      const otherZ = z + dzs[i]!;
      const otherY = y + dys[i]!;
      if (otherZ < 0 || otherZ >= depth || otherY < 0 || otherY >= height) continue;
      if (closeness[index + steps[i]!]! >= needed[i]!) return true;
    }
    return false;
  };
}

function forEachCorner(
  { codes, rows, shape }: Surface,
  visit: (code: number, index: number, z: number, y: number) => void,
): void {
  const [, height, width] = shape;
  for (const { z, y, low, high } of rows) {
    const row = (z * height + y) * width;
    for (let index = row + low; index <= row + high; index++) {
      const code = codes[index]!;
      if (code !== 0 && code !== 255) visit(code, index, z, y);
    }
  }
}
