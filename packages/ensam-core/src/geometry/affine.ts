import type { Zyx } from "./zyx.ts";

/**
 * Where voxels lie: 16 numbers, row by row, of the matrix that takes a voxel index (x, y, z, 1) to mm (right, anterior,
 * superior, 1). This is NIfTI's convention, and the one place where x comes first.
 */
export type Affine = readonly number[];

/** A point in mm: right, anterior, superior of the scanner's origin. */
export type RasPoint = readonly [right: number, anterior: number, superior: number];

/** Columns whose cosine exceeds this are not at right angles: 0.06 degrees, beyond what float32 headers lose. */
const shearTolerance = 1e-3;

/**
 * The affine of a grid as ITK and DICOM describe it: spacing and origin in mm along x, y, z, `direction` row by row
 * with the unit vectors of the axes as columns, all in LPS (left, posterior, superior), whose first two coordinates are
 * those of RAS negated.
 */
export function affineOfLps(
  spacing: readonly number[],
  direction: readonly number[],
  origin: readonly number[],
): Affine {
  const row = (index: number, sign: number): number[] => [
    ...[0, 1, 2].map((axis) => sign * direction[index * 3 + axis]! * spacing[axis]!),
    sign * origin[index]!,
  ];
  return [...row(0, -1), ...row(1, -1), ...row(2, 1), 0, 0, 0, 1].map((value) => value + 0); // No negative zeros.
}

/**
 * The affine of a grid that stores a spacing and nothing else, as ITK would take it: x runs left, y to the back, z up,
 * from the origin.
 */
export function affineOfSpacing([z, y, x]: Zyx): Affine {
  return affineOfLps([x, y, z], [1, 0, 0, 0, 1, 0, 0, 0, 1], [0, 0, 0]);
}

/** The distance between voxel centres along (z, y, x), in mm: the lengths of the affine's columns. */
export function spacingOfAffine(affine: Affine): Zyx {
  const [x, y, z] = columns(affine).map((column) => Math.hypot(...column)) as [number, number, number];
  return [z, y, x];
}

/** Whether some two axes are not at right angles, as in CT with a tilted gantry. */
export function isSheared(affine: Affine): boolean {
  const [x, y, z] = columns(affine) as [number[], number[], number[]];
  return [cosine(x, y), cosine(x, z), cosine(y, z)].some((value) => Math.abs(value) > shearTolerance);
}

/** The place of a voxel's centre; `voxel` may be fractional. */
export function voxelToWorld(affine: Affine, [z, y, x]: Zyx): RasPoint {
  const [right, anterior, superior] = [0, 4, 8].map((row) => {
    return affine[row]! * x + affine[row + 1]! * y + affine[row + 2]! * z + affine[row + 3]!;
  }) as [number, number, number];
  return [right, anterior, superior];
}

/** The voxel index, fractional, at a place; all NaN where the affine has no inverse. */
export function worldToVoxel(affine: Affine, point: RasPoint): Zyx {
  const offset = point.map((value, row) => value - affine[row * 4 + 3]!);
  const [x, y, z] = columns(affine) as [number[], number[], number[]];
  const volume = determinant(affine);
  const solve = (a: number[], b: number[]): number => (volume === 0 ? Number.NaN : dot(cross(a, b), offset) / volume);
  return [solve(x, y), solve(z, x), solve(y, z)];
}

/** The volume of one voxel in mm³, negative where the axes are left-handed; 0 if the affine has no inverse. */
export function determinant(affine: Affine): number {
  const [x, y, z] = columns(affine) as [number[], number[], number[]];
  return dot(cross(x, y), z);
}

/** The steps of x, y and z in mm (right, anterior, superior). */
export function columns(affine: Affine): number[][] {
  return [0, 1, 2].map((axis) => [affine[axis]!, affine[4 + axis]!, affine[8 + axis]!]);
}

function cosine(a: readonly number[], b: readonly number[]): number {
  return dot(a, b) / (Math.hypot(...a) * Math.hypot(...b) || 1);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a[0]! * b[0]! + a[1]! * b[1]! + a[2]! * b[2]!;
}

function cross(a: readonly number[], b: readonly number[]): number[] {
  return [a[1]! * b[2]! - a[2]! * b[1]!, a[2]! * b[0]! - a[0]! * b[2]!, a[0]! * b[1]! - a[1]! * b[0]!];
}
