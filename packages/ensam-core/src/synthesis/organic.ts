import type { RandomStream, Zyx } from "../voxels/index.ts";
import { rotation } from "./rotation.ts";
import { smoothField } from "./smoothField.ts";
import type { Solid } from "./solid.ts";

export interface OrganicOptions {
  readonly centre: Zyx;
  readonly radii: Zyx;
  /** Turns about the z, y and x axes, in radians. @default no turn */
  readonly turn?: Zyx;
  /** Deviation of the surface, as a part of the radius. @default 0.08 */
  readonly roughness?: number;
  /** Bumps per radius. @default 1.3 */
  readonly bumps?: number;
}

/** An ellipsoid, rotated, whose surface is pushed in and out by a smooth random field: the shape of most organs. */
export function organic(random: RandomStream, options: OrganicOptions): Solid {
  const { centre, radii, turn = [0, 0, 0], roughness = 0.08, bumps = 1.3 } = options;
  const field = smoothField(random);
  const rows = rotation(turn);
  const longest = Math.max(...radii) * (1 + 3 * roughness);
  return {
    centre,
    reach: [longest, longest, longest],
    depth(z, y, x) {
      const dz = z - centre[0];
      const dy = y - centre[1];
      const dx = x - centre[2];
      const u = (rows[0]! * dz + rows[1]! * dy + rows[2]! * dx) / radii[0];
      const v = (rows[3]! * dz + rows[4]! * dy + rows[5]! * dx) / radii[1];
      const w = (rows[6]! * dz + rows[7]! * dy + rows[8]! * dx) / radii[2];
      const r = Math.sqrt(u * u + v * v + w * w);
      if (r < 1e-9) return Math.min(...radii);
      const scale = bumps / r;
      const surface = 1 + roughness * field(u * scale + 3, v * scale + 3, w * scale + 3);
      return ((surface - r) * Math.sqrt(dz * dz + dy * dy + dx * dx)) / r;
    },
  };
}
