import { type AxisTurn, turnZyx } from "@ensam/core/geometry";
import { type Box, boxShape, growBox, type LabelMap, type Zyx } from "@ensam/core/voxels";

/** One of the three planes of a grid whose x runs to the left, y to the back and z up (or that states no orientation). */
export interface Plane {
  readonly name: string;
  /** Array axes: across the plane, down and to the right in the picture. */
  readonly across: 0 | 1 | 2;
  readonly down: 0 | 1 | 2;
  readonly right: 0 | 1 | 2;
  /** Whether the picture's rows run against the axis, so that what is up in the body is up. */
  readonly downIsFlipped: boolean;
  /** What is written at the left, right, top and bottom side. */
  readonly sides: readonly [left: string, right: string, top: string, bottom: string];
}

/** Seen as radiologists do: the patient's right at the left of axial and coronal pictures, the front at the left of sagittal ones. */
export const bodyPlanes: readonly Plane[] = [
  { name: "axial", across: 0, down: 1, right: 2, downIsFlipped: false, sides: ["R", "L", "A", "P"] },
  { name: "coronal", across: 1, down: 0, right: 2, downIsFlipped: true, sides: ["R", "L", "S", "I"] },
  { name: "sagittal", across: 2, down: 0, right: 1, downIsFlipped: true, sides: ["A", "P", "S", "I"] },
];

/** For an image without orientation: the file's axes, each side with the axis and the way it runs. */
export const filePlanes: readonly Plane[] = [
  { name: "y by x", across: 0, down: 1, right: 2, downIsFlipped: false, sides: ["-X", "+X", "-Y", "+Y"] },
  { name: "z by x", across: 1, down: 0, right: 2, downIsFlipped: false, sides: ["-X", "+X", "-Z", "+Z"] },
  { name: "z by y", across: 2, down: 0, right: 1, downIsFlipped: false, sides: ["-Y", "+Y", "-Z", "+Z"] },
];

/** The slice along an axis in which a label has most voxels; the first of equal ones. */
export function largestSection(labels: LabelMap, label: number, { min, max }: Box, axis: 0 | 1 | 2): number {
  const counts = new Uint32Array(labels.shape[axis]);
  for (let z = min[0]; z < max[0]; z++) {
    for (let y = min[1]; y < max[1]; y++) {
      const row = (z * labels.shape[1] + y) * labels.shape[2];
      for (let x = min[2]; x < max[2]; x++) {
        if (labels.data[row + x] === label) counts[[z, y, x][axis]!]!++;
      }
    }
  }
  return counts.indexOf(counts.reduce((a, b) => Math.max(a, b), 0));
}

/** The part of the image to show: the object with a margin of half its largest side, at least `leastMm` mm and five voxels. */
export function shownBox(box: Box, spacing: Zyx, shape: Zyx, leastMm = 10): Box {
  const sides = boxShape(box).map((voxels, axis) => voxels * spacing[axis]!);
  const margin = Math.max(leastMm, Math.max(...sides) / 2);
  const voxels = spacing.map((mm) => Math.max(5, Math.ceil(margin / mm))) as unknown as Zyx;
  return growBox(box, { low: voxels, high: voxels }, shape);
}

/** Says where a slice of the turned grid lies in the file: its axis and index, from 0. */
export function storedSlice(turn: AxisTurn, shape: Zyx, axis: 0 | 1 | 2, index: number): string {
  const stored = turn.order[axis];
  const length = turnZyx(turn, shape)[axis];
  return `${"zyx"[stored]} ${turn.flips[axis] ? length - 1 - index : index}`;
}
