import type { Grid, Zyx } from "../../voxels/index.ts";
import type { Solid } from "../solid.ts";

/** A label map being drawn; positions are in voxels. */
export type Canvas = Grid<Uint16Array>;

export function canvas(size: number): Canvas {
  return { data: new Uint16Array(size ** 3), shape: [size, size, size] };
}

/** Gives every voxel inside of a solid a label. `isFree` says which voxels may be taken. */
export function fill(
  target: Canvas,
  solid: Solid,
  label: number,
  isFree: (found: number) => boolean = () => true,
): void {
  eachNear(target, solid, (index, z, y, x) => {
    if (isFree(target.data[index]!) && solid.depth(z, y, x) > 0) target.data[index] = label;
  });
}

/** Gives every voxel of a ball a label. */
export function fillBall(target: Canvas, centre: Zyx, radius: number, label: number): void {
  const depth = (z: number, y: number, x: number) =>
    radius * radius - (z - centre[0]) ** 2 - (y - centre[1]) ** 2 - (x - centre[2]) ** 2;
  fill(target, { centre, reach: [radius, radius, radius], depth }, label);
}

/** Visits the voxels in the box that holds a solid. */
export function eachNear(
  { shape }: Canvas,
  { centre, reach }: Pick<Solid, "centre" | "reach">,
  visit: (index: number, z: number, y: number, x: number) => void,
): void {
  const low = (axis: 0 | 1 | 2) => Math.max(0, Math.floor(centre[axis] - reach[axis]));
  const high = (axis: 0 | 1 | 2) => Math.min(shape[axis] - 1, Math.ceil(centre[axis] + reach[axis]));
  for (let z = low(0); z <= high(0); z++) {
    for (let y = low(1); y <= high(1); y++) {
      const row = (z * shape[1] + y) * shape[2];
      for (let x = low(2); x <= high(2); x++) visit(row + x, z, y, x);
    }
  }
}
