import type { Zyx } from "../voxels/index.ts";

/** A solid in space: where it can be found, and how far inside (positive) or outside (negative) a point lies. */
export interface Solid {
  readonly centre: Zyx;
  /** Half the side of a box around the centre that holds the solid, per axis, in the unit of the points. */
  readonly reach: Zyx;
  depth(z: number, y: number, x: number): number;
}
