import { type Affine, determinant } from "../geometry/index.ts";
import type { Note } from "./note.ts";

/** The header fields that say where voxels lie, with the NIfTI standard's names; `rows` are the sform's 12 numbers (srow_x, srow_y, srow_z). */
export interface NiftiPlacement {
  readonly dims: readonly number[];
  readonly pixDims: readonly number[];
  readonly qform_code: number;
  readonly sform_code: number;
  readonly quatern_b: number;
  readonly quatern_c: number;
  readonly quatern_d: number;
  readonly qoffset_x: number;
  readonly qoffset_y: number;
  readonly qoffset_z: number;
  readonly xyzt_units: number;
  readonly rows: readonly number[];
}

const metresInMm = 1000;
const micrometresInMm = 1e-3;

/**
 * The affine a NIfTI header gives, in mm: the sform if its code is positive and it spans a volume, else the qform if
 * its code is, else the voxel sizes with the origin at the centre and x running left. (nifti-reader-js takes the qform
 * when its code is the larger: that differs from nibabel, whose rule this is. That an sform without sense gives way to
 * a qform is ITK's.)
 */
export function niftiAffine(header: NiftiPlacement): { affine: Affine; hasDirections: boolean; notes: Note[] } {
  const { rows } = header;
  const notes: Note[] = [];
  const isQform = header.qform_code > 0;
  const hasSform = header.sform_code > 0 && rows.some((value) => value !== 0);
  const isSform = hasSform && !(isQform && !spans(rows));
  if (hasSform && !isSform)
    notes.push("the stored sform has no sense (no directions, or no numbers); the qform is used");
  const sizes = [1, 2, 3].map((axis) => {
    const size = Math.abs(header.pixDims[axis]!);
    return size > 0 && Number.isFinite(size) ? size : 0;
  });
  if (!isSform && sizes.includes(0)) notes.push({ doubt: "a voxel size is missing and taken as 1 mm" });
  const [x, y, z] = sizes.map((size) => size || 1) as [number, number, number];
  const top = isSform ? rows : isQform ? qformRows(header, x, y, z) : centredRows(header.dims, x, y, z);
  if (!isSform && !isQform) notes.push("no orientation is stored; x is taken to run left, y to the front, z up");
  const scale = mmPerUnit(header.xyzt_units);
  if (scale !== 1)
    notes.push(`voxel sizes are stored in ${scale === metresInMm ? "metres" : "micrometres"} and turned into mm`);
  return { affine: [...top.map((value) => value * scale), 0, 0, 0, 1], hasDirections: isSform || isQform, notes };
}

/** Whether three finite axes of these rows enclose a volume. */
function spans(rows: readonly number[]): boolean {
  return rows.every(Number.isFinite) && determinant(rows) !== 0;
}

function mmPerUnit(units: number): number {
  const space = units & 7;
  if (space === 1) return metresInMm;
  return space === 3 ? micrometresInMm : 1;
}

function centredRows(dims: readonly number[], x: number, y: number, z: number): number[] {
  const middle = (axis: number): number => ((dims[axis] || 1) - 1) / 2;
  return [-x, 0, 0, x * middle(1), 0, y, 0, -y * middle(2), 0, 0, z, -z * middle(3)];
}

function qformRows(header: NiftiPlacement, x: number, y: number, z: number): number[] {
  const { quatern_b: b, quatern_c: c, quatern_d: d } = header;
  const a = Math.sqrt(Math.max(0, 1 - (b * b + c * c + d * d)));
  const s = 2 / (a * a + b * b + c * c + d * d); // Float32 fields give a quaternion of nearly unit length.
  const k = header.pixDims[0]! < 0 ? -z : z;
  return [
    (1 - s * (c * c + d * d)) * x,
    s * (b * c - a * d) * y,
    s * (b * d + a * c) * k,
    header.qoffset_x,
    s * (b * c + a * d) * x,
    (1 - s * (b * b + d * d)) * y,
    s * (c * d - a * b) * k,
    header.qoffset_y,
    s * (b * d - a * c) * x,
    s * (c * d + a * b) * y,
    (1 - s * (b * b + c * c)) * k,
    header.qoffset_z,
  ];
}
