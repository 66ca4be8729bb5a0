import { UsageError } from "@ensam/core/command";
import { type Affine, type RasPoint, voxelToWorld, worldToVoxel } from "@ensam/core/files";
import type { Box, Zyx } from "@ensam/core/voxels";
import type { RawPoint } from "./rawPrompts.ts";

/** The grid that prompts are placed on. */
export interface PlacedGrid {
  readonly shape: Zyx;
  readonly affine: Affine;
}

type Space = "voxel" | "mm";

/** Returns the voxel of a point; one outside of the image, or between voxels when they are meant, is a UsageError. */
export function voxelAt(where: string, grid: PlacedGrid, point: RawPoint, space: Space): Zyx {
  const voxel = nearestVoxel(grid, point, space);
  if (!isInside(grid, voxel)) throw outside(where, grid, voxel, otherReading(where, grid, [point], space));
  refuseFractions(where, point, space);
  return voxel;
}

/**
 * Returns the voxels between two opposite corners, both inside; in mm, the smallest box of voxels around the eight corners. A box that
 * passes the image's border is cut there, with a note; one that lies outside altogether is a UsageError.
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
  const min = perAxis((axis) => Math.max(0, low![axis]!));
  const last = perAxis((axis) => Math.min(grid.shape[axis]! - 1, high![axis]!));
  const hint = () => otherReading(where, grid, [a, b], space);
  if (!min.every((index, axis) => index <= last[axis]!)) {
    throw outside(where, grid, corners.find((corner) => !isInside(grid, corner))!, hint());
  }
  if (!(isInside(grid, low!) && isInside(grid, high!))) {
    note(`${where}: reaches beyond the image and is cut to voxels ${min.join(",")} to ${last.join(",")}${hint()}`);
  }
  return { min, max: perAxis((axis) => last[axis]! + 1) };
}

/** Returns what points outside were probably meant as, as the end of a sentence; nothing where no other reading lies inside. */
function otherReading(where: string, grid: PlacedGrid, points: readonly RawPoint[], space: Space): string {
  const all = (read: (point: RawPoint) => Zyx): boolean => points.every((point) => isInside(grid, read(point)));
  const asMm = (point: RawPoint) => nearestVoxel(grid, point, "mm");
  const [mm, voxels] = where.startsWith("--") ? ["--mm", "no --mm"] : ['"space": "mm"', '"space": "voxel"'];
  const turned = ([x, y, z]: RawPoint): RawPoint => [-x, -y, z];
  if (space === "mm") {
    if (all((point) => asMm(turned(point))))
      return "; with the signs of the first two numbers turned it lies inside: were they LPS, as DICOM and ITK count?";
    return all((point) => nearestVoxel(grid, point, "voxel")) ? `; as voxels z,y,x it lies inside: ${voxels}?` : "";
  }
  if (all(asMm)) return `; as millimetres x,y,z it lies inside: is ${mm} missing?`;
  if (all((point) => asMm(turned(point))))
    return `; as millimetres with the signs of LPS it lies inside: turn those of the first two numbers and add ${mm}`;
  return all(([x, y, z]) => [z, y, x]) ? "; in the order x,y,z it lies inside, but voxels are z,y,x" : "";
}

function nearestVoxel(grid: PlacedGrid, point: RawPoint, space: Space): Zyx {
  const voxel = space === "mm" ? worldToVoxel(grid.affine, point as RasPoint) : point;
  return perAxis((axis) => Math.round(voxel[axis]!) + 0); // No -0.
}

function isInside({ shape }: PlacedGrid, voxel: Zyx): boolean {
  return voxel.every((index, axis) => index >= 0 && index < shape[axis]!);
}

function refuseFractions(where: string, point: RawPoint, space: Space): void {
  if (space === "mm" || point.every(Number.isInteger)) return;
  throw new UsageError(`${where}: expected whole voxel numbers (or --mm), got ${point.join(",")}`);
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
  const at = `z ${voxel[0]}, y ${voxel[1]}, x ${voxel[2]}, which is ${words(voxelToWorld(affine, voxel))} mm`;
  return new UsageError(`${where}: expected voxels with ${ranges} (x,y,z from ${world} mm), got ${at}${hint}`);
}
