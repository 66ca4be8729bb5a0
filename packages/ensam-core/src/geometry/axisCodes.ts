import type { Affine } from "./affine.ts";
import { nearestAxes } from "./nearestAxes.ts";

/** The nearest direction of each axis x, y, z as a letter of RLAPSI: "RAS" where they run right, anterior, superior. */
export function axisCodes(affine: Affine): string {
  return nearestAxes(affine)
    .map(({ world, isPositive }) => (isPositive ? "RAS" : "LPI")[world])
    .join("");
}
