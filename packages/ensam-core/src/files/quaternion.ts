import { type Affine, determinant, isSheared } from "../geometry/index.ts";

/** How NIfTI's qform stores directions: a unit quaternion whose first number is left out, and whether the third axis is turned round. */
export interface StoredRotation {
  readonly quaternion: readonly [b: number, c: number, d: number];
  readonly handedness: 1 | -1;
  /** Whether the axes are at right angles: only then does a quaternion hold them. */
  readonly isExact: boolean;
}

/** The rotation of an affine's axes, by the largest of the four numbers so that nothing small is divided by (nifti1.h, method 2). */
export function quaternionOf(affine: Affine): StoredRotation {
  const handedness = determinant(affine) < 0 ? -1 : 1;
  const column = (axis: number, sign = 1): number[] => {
    const values = [affine[axis]!, affine[4 + axis]!, affine[8 + axis]!];
    return values.map((value) => (sign * value) / (Math.hypot(...values) || 1));
  };
  const [[r11, r21, r31], [r12, r22, r32], [r13, r23, r33]] = [column(0), column(1), column(2, handedness)] as [
    [number, number, number],
    [number, number, number],
    [number, number, number],
  ];
  const squares = [1 + r11 + r22 + r33, 1 + r11 - r22 - r33, 1 - r11 + r22 - r33, 1 - r11 - r22 + r33];
  const largest = squares.indexOf(Math.max(...squares));
  const rows = [
    [squares[0]!, r32 - r23, r13 - r31, r21 - r12],
    [r32 - r23, squares[1]!, r12 + r21, r13 + r31],
    [r13 - r31, r12 + r21, squares[2]!, r23 + r32],
    [r21 - r12, r13 + r31, r23 + r32, squares[3]!],
  ];
  const chosen = rows[largest]!;
  const sign = chosen[0]! < 0 ? -1 : 1;
  const [, b, c, d] = chosen.map((value) => (sign * value) / (Math.hypot(...chosen) || 1) + 0);
  return { quaternion: [b!, c!, d!], handedness, isExact: !isSheared(affine) };
}
