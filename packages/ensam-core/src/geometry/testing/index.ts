import type { Affine } from "../index.ts";

/** Grids at unlike angles to the body: along its axes, oblique, exactly between two axes, and sheared. */
export const placedAffines: Readonly<Record<string, Affine>> = {
  // x to the left, y to the back, z up; 0.8 x 0.9 x 2 mm.
  straight: [-0.8, 0, 0, 60, 0, -0.9, 0, 80, 0, 0, 2, -40, 0, 0, 0, 1],
  // Turned by 20 degrees about z, then by 15 about x.
  oblique: rotated(20, 15),
  // By 45 degrees about z: x and y are equally near to left and back.
  between: rotated(45, 0),
  // z leans to the back by 0.6 mm a slice, as with a tilted gantry.
  sheared: [-0.8, 0, 0, 60, 0, -0.9, -0.6, 80, 0, 0, 2, -40, 0, 0, 0, 1],
};

function rotated(aboutZ: number, aboutX: number): Affine {
  const [cz, sz] = [Math.cos((aboutZ * Math.PI) / 180), Math.sin((aboutZ * Math.PI) / 180)];
  const [cx, sx] = [Math.cos((aboutX * Math.PI) / 180), Math.sin((aboutX * Math.PI) / 180)];
  // Columns: the steps of x, y and z, in RAS, of lengths 0.8, 0.9 and 2.
  return [
    ...[-0.8 * cz, 0.9 * sz, 0, 60],
    ...[-0.8 * sz * cx, -0.9 * cz * cx, -2 * sx, 80],
    ...[-0.8 * sz * sx, -0.9 * cz * sx, 2 * cx, -40],
    ...[0, 0, 0, 1],
  ];
}
