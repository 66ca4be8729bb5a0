import { UsageError } from "@ensam/core/command";
import {
  type Affine,
  inverseTurn,
  type RasPoint,
  turnAffine,
  turnToLps,
  turnVoxel,
  turnZyx,
  voxelToWorld,
  worldToVoxel,
} from "@ensam/core/geometry";
import type { Box, Zyx } from "@ensam/core/voxels";
import type { RawPoint, Space } from "./rawPrompts.ts";

/** The grid that prompts are placed on. */
export interface PlacedGrid {
  readonly shape: Zyx;
  readonly affine: Affine;
}

/** Returns the voxel of a point; one outside of the image, or between voxels when they are meant, is a UsageError. */
export function voxelAt(where: string, grid: PlacedGrid, point: RawPoint, space: Space): Zyx {
  const voxel = nearestVoxel(grid, point, space);
  if (!isInside(grid, voxel)) throw outside(where, grid, voxel, otherReading(where, grid, [point], space));
  refuseFractions(where, point, space);
  return voxel;
}

/**
 * Returns the voxels between two opposite corners, both inside; in mm, the smallest box of voxels around the eight
 * corners. A box that passes the image's border is cut there, with a note; one that lies outside altogether is a
 * UsageError.
 */
export function boxBetween(
  where: string,
  grid: PlacedGrid,
  [a, b]: readonly [RawPoint, RawPoint],
  space: Space,
  note: (sentence: string) => void,
): Box {
  for (const corner of [a, b]) refuseFractions(where, corner, space);
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => nearestVoxel(grid, mixed(a, b, i), space));
  const [low, high] = [Math.min, Math.max].map((of) =>
    perAxis((axis) => of(...corners.map((corner) => corner[axis]!))),
  );
  return cutBox(where, grid, low!, high!, note, () => otherReading(where, grid, [a, b], space));
}

/** How much larger the box around a turned one may be before a user should hear of it. */
const sameSize = 1.02;
/** What headers and files round, voxels. */
const rounding = 1e-3;

/**
 * Returns the box of voxels whose centres lie in a box in space, at least one along each axis. Of one that is turned
 * against the image's axes it is the smallest that holds all eight corners, with a note that says how much larger it
 * is.
 */
export function boxAround(
  where: string,
  grid: PlacedGrid,
  { center, halfEdges }: { readonly center: RawPoint; readonly halfEdges: readonly [RawPoint, RawPoint, RawPoint] },
  space: Space,
  note: (sentence: string) => void,
): Box {
  const corner = (bits: number): RawPoint =>
    perAxis((i) => halfEdges.reduce((sum, edge, e) => sum + (bits & (1 << e) ? edge[i]! : -edge[i]!), center[i]!));
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => fractionalVoxel(grid, corner(bits), space));
  const from = perAxis((axis) => Math.min(...corners.map((corner) => corner[axis]!)));
  const to = perAxis((axis) => Math.max(...corners.map((corner) => corner[axis]!)));
  const edges = [1, 2, 4].map((bits) => perAxis((axis) => corners[bits]![axis]! - corners[0]![axis]!));
  const larger = perAxis((axis) => to[axis]! - from[axis]!).reduce((a, b) => a * b) / Math.abs(determinant3(edges));
  if (larger > sameSize) {
    note(
      `${where}: is turned against the image's axes; taken is the smallest box of voxels around it, ${larger.toFixed(1)} times as large`,
    );
  }
  const isThin = (axis: number) => Math.ceil(from[axis]! - rounding) > Math.floor(to[axis]! + rounding);
  const middle = (axis: number) => Math.round((from[axis]! + to[axis]!) / 2);
  const low = perAxis((axis) => (isThin(axis) ? middle(axis) : Math.ceil(from[axis]! - rounding)));
  const high = perAxis((axis) => (isThin(axis) ? middle(axis) : Math.floor(to[axis]! + rounding)));
  return cutBox(where, grid, low, high, note, () => otherReading(where, grid, [center], space));
}

/** The part inside the image of the voxels from `low` to `high`, both inside. */
function cutBox(
  where: string,
  grid: PlacedGrid,
  low: Zyx,
  high: Zyx,
  note: (sentence: string) => void,
  hint: () => string,
): Box {
  const min = perAxis((axis) => Math.max(0, low[axis]!));
  const last = perAxis((axis) => Math.min(grid.shape[axis]! - 1, high[axis]!));
  if (!min.every((index, axis) => index <= last[axis]!)) {
    throw outside(where, grid, isInside(grid, low) ? high : low, hint());
  }
  if (!(isInside(grid, low) && isInside(grid, high))) {
    note(`${where}: reaches beyond the image and is cut to voxels ${min.join(",")} to ${last.join(",")}${hint()}`);
  }
  return { min, max: perAxis((axis) => last[axis]! + 1) };
}

/** Returns what points outside were probably meant as, as the end of a sentence; nothing where no other reading lies inside. */
function otherReading(where: string, grid: PlacedGrid, points: readonly RawPoint[], space: Space): string {
  const all = (as: Space): boolean => points.every((point) => isInside(grid, nearestVoxel(grid, point, as)));
  const other = (["ras", "lps", "voxel"] as const).find((as) => as !== space && all(as));
  const isTurned = space === "voxel" && points.every(([x, y, z]) => isInside(grid, [z, y, x]));
  const turned = isTurned ? "; in the order x,y,z it lies inside, but voxels are z,y,x" : "";
  if (other === undefined) {
    if (isTurned) return turned;
    // A box may reach beyond the image; a point below it was never counted in voxels.
    const isBelow = space === "voxel" && points.every((point) => point.some((at) => at < 0));
    return isBelow ? `; voxels count from 0: if these are millimetres, ${wayToSay(where, "ras")} or lps?` : "";
  }
  const words = { ras: "RAS millimetres x,y,z", lps: "LPS millimetres x,y,z (DICOM, ITK)", voxel: "voxels z,y,x" };
  return `${turned}; as ${words[other]} it lies inside: ${wayToSay(where, other)}?`;
}

/** How the space of this prompt is said: by the flag, by the key of a prompt file, or by Slicer's file itself. */
function wayToSay(where: string, space: Space): string {
  if (where.startsWith("--")) return `--coords ${space}`;
  return isSlicerFile(where) ? "is the coordinate system in the file right" : `"space": "${space}"`;
}

function isSlicerFile(where: string): boolean {
  return /\.(mrk\.json|fcsv)\b/i.test(where);
}

function nearestVoxel(grid: PlacedGrid, point: RawPoint, space: Space): Zyx {
  if (space !== "voxel") return voxelAround(grid, rasPoint(point, space));
  return perAxis((axis) => Math.round(point[axis]!) + 0); // No -0.
}

function fractionalVoxel({ affine }: PlacedGrid, point: RawPoint, space: Space): Zyx {
  return space === "voxel" ? point : worldToVoxel(affine, rasPoint(point, space));
}

function rasPoint([x, y, z]: RawPoint, space: "ras" | "lps"): RasPoint {
  return space === "ras" ? [x, y, z] : [-x, -y, z];
}

/**
 * The voxel around a point. A point half-way between two goes to the one on the left, at the back or above, whatever
 * the order in which the file stores its axes; half-way is meant within a thousandth of a voxel, since headers round.
 */
function voxelAround({ shape, affine }: PlacedGrid, point: RasPoint): Zyx {
  const turn = turnToLps(affine);
  const turned = worldToVoxel(turnAffine(turn, shape, affine), point);
  const voxel = perAxis((axis) => Math.floor(turned[axis]! + 0.501));
  return turnVoxel(inverseTurn(turn), turnZyx(turn, shape), voxel);
}

function isInside({ shape }: PlacedGrid, voxel: Zyx): boolean {
  return voxel.every((index, axis) => index >= 0 && index < shape[axis]!);
}

function refuseFractions(where: string, point: RawPoint, space: Space): void {
  if (space !== "voxel" || point.every(Number.isInteger)) return;
  throw new UsageError(`${where}: expected whole voxel numbers (or --coords ras or lps), got ${point.join(",")}`);
}

function determinant3([a, b, c]: readonly Zyx[]): number {
  const [d, e, f] = [b![1] * c![2] - b![2] * c![1], b![2] * c![0] - b![0] * c![2], b![0] * c![1] - b![1] * c![0]];
  return a![0] * d + a![1] * e + a![2] * f;
}

/** The corner that takes its coordinates from `a`, or from `b` where the axis's bit of `i` is set. */
function mixed(a: RawPoint, b: RawPoint, i: number): RawPoint {
  return perAxis((axis) => (i & (1 << axis) ? b : a)[axis]!);
}

function perAxis(value: (axis: number) => number): Zyx {
  return [value(0), value(1), value(2)];
}

/** Says which voxels and which millimetres there are. */
function outside(where: string, { shape, affine }: PlacedGrid, voxel: Zyx, hint: string): UsageError {
  const ranges = ["z", "y", "x"].map((axis, i) => `${axis} 0 to ${shape[i]! - 1}`).join(", ");
  const last: Zyx = [shape[0] - 1, shape[1] - 1, shape[2] - 1];
  const words = (point: RasPoint) => `(${point.map((value) => Number(value.toFixed(1))).join(", ")})`;
  const world = `${words(voxelToWorld(affine, [0, 0, 0]))} to ${words(voxelToWorld(affine, last))}`;
  const place = `z ${voxel[0]}, y ${voxel[1]}, x ${voxel[2]}, which is ${words(voxelToWorld(affine, voxel))} mm`;
  return new UsageError(`${where}: expected voxels with ${ranges} (x,y,z from ${world} mm), got ${place}${hint}`);
}
