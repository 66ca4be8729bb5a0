import { type RandomStream, type Volume, voxelCount, type Zyx } from "@ensam/core/voxels";
import type { Canvas } from "./canvas.ts";

/** How a volume is laid out in its file. Phantoms are painted with z to the head, y to the back, x to the left. */
export interface Layout {
  /** Which painted axis (0 z, 1 y, 2 x) is stored as the axis z, y, x of the file. */
  readonly axes: Zyx;
  /** Axes of the file that run backwards. */
  readonly flips: readonly [boolean, boolean, boolean];
  /** A turn of the scan against the body about x (nodding), in radians. */
  readonly tilt: number;
}

export interface Oriented {
  readonly image: Volume<Float32Array>;
  readonly labels: Uint8Array;
  /** Row-major 4 x 4 from voxel (x, y, z) to RAS mm, the centre of the volume at 0. */
  readonly affine: number[];
}

/** Directions of the painted axes z, y, x in RAS. */
const PAINTED_AXES: readonly Zyx[] = [
  [0, 0, 1],
  [0, -1, 0],
  [-1, 0, 0],
];

export const axial: Zyx = [0, 1, 2];
export const coronal: Zyx = [1, 0, 2];
export const sagittal: Zyx = [2, 0, 1];

/** A layout as scanners write them: the given axes, random directions, and a tilt of at most `tilt` radians. */
export function randomLayout(random: RandomStream, axes: Zyx = axial, tilt = 0): Layout {
  const flips = [random.float() < 0.2, random.float() < 0.5, random.float() < 0.5] as const;
  return { axes, flips, tilt: tilt * random.uniform(-1, 1) };
}

/** Stores a painted volume in a layout: the voxels are moved and the affine says where they were. */
export function orient(painted: Canvas, { axes, flips, tilt }: Layout): Oriented {
  const shape = axes.map((axis) => painted.shape[axis]!) as unknown as Zyx;
  const spacing = axes.map((axis) => painted.spacing[axis]!) as unknown as Zyx;
  const strides = [painted.shape[1] * painted.shape[2], painted.shape[2], 1];
  const steps = axes.map((axis, i) => strides[axis]! * (flips[i] ? -1 : 1));
  const start = axes.reduce((sum, axis, i) => sum + (flips[i] ? (painted.shape[axis]! - 1) * strides[axis]! : 0), 0);
  const data = new Float32Array(voxelCount(shape));
  const labels = new Uint8Array(data.length);
  for (let z = 0, index = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      let from = start + z * steps[0]! + y * steps[1]!;
      for (let x = 0; x < shape[2]; x++, index++, from += steps[2]!) {
        data[index] = painted.data[from]!;
        labels[index] = painted.labels[from]!;
      }
    }
  }
  return { image: { data, shape, spacing }, labels, affine: affineOf(shape, spacing, { axes, flips, tilt }) };
}

function affineOf(shape: Zyx, spacing: Zyx, { axes, flips, tilt }: Layout): number[] {
  const [c, s] = [Math.cos(tilt), Math.sin(tilt)];
  const columns = [2, 1, 0].map((fileAxis) => {
    const [r, a, i] = PAINTED_AXES[axes[fileAxis]!]!;
    const step = spacing[fileAxis]! * (flips[fileAxis] ? -1 : 1);
    return [r * step, (c * a - s * i) * step, (s * a + c * i) * step];
  });
  const middle = [2, 1, 0].map((fileAxis) => (shape[fileAxis]! - 1) / 2);
  const rows = [0, 1, 2].map((row) => {
    const parts = columns.map((column) => column[row]!);
    return [...parts, -parts.reduce((sum, part, i) => sum + part * middle[i]!, 0)];
  });
  return [...rows.flat(), 0, 0, 0, 1].map((value) => value + 0); // + 0 turns -0 into 0
}
