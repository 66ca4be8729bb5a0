import type { RandomStream, Zyx } from "@ensam/core/voxels";
import { smoothField } from "./smoothField.ts";

/** A solid in space: where it can be found, and how far inside (positive) or outside (negative) a point lies, in mm. */
export interface Solid {
  readonly centre: Zyx;
  /** Half the side of a cube around the centre that holds the solid, in mm, per axis. */
  readonly reach: Zyx;
  depth(z: number, y: number, x: number): number;
}

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

/** A tube along z that wanders a little: vessels, the spinal canal. The radius is in mm. */
export function tube(
  random: RandomStream,
  axis: readonly [y: number, x: number],
  radius: number,
  wander: number,
): Solid {
  const field = smoothField(random);
  return {
    centre: [0, axis[0], axis[1]],
    reach: [Number.POSITIVE_INFINITY, radius + 4 * wander, radius + 4 * wander],
    depth(z, y, x) {
      const dy = y - axis[0] - wander * field(z / 45, 0.5, 0.5);
      const dx = x - axis[1] - wander * field(z / 45, 3.5, 0.5);
      return radius - Math.sqrt(dy * dy + dx * dx);
    },
  };
}

/**
 * A column along z with an elliptical section: a trunk, a limb. `radii` is [y, x] in mm at a height z, so that a neck can
 * widen into shoulders.
 */
export function column(
  random: RandomStream,
  radii: (z: number) => readonly [y: number, x: number],
  roughness = 0.03,
): Solid {
  const field = smoothField(random);
  return {
    centre: [0, 0, 0],
    reach: [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    depth(z, y, x) {
      const [b, a] = radii(z);
      const r = Math.sqrt((y / b) ** 2 + (x / a) ** 2);
      if (r < 1e-9) return Math.min(a, b);
      const surface = 1 + roughness * field(z / 60, (1.2 * y) / (b * r), (1.2 * x) / (a * r));
      return ((surface - r) * Math.sqrt(y * y + x * x)) / r;
    },
  };
}

/** The points of `solid` that lie deeper than `wall` mm: the lumen of an organ, the marrow of a bone. */
export function inner(solid: Solid, wall: number): Solid {
  return { ...solid, depth: (z, y, x) => solid.depth(z, y, x) - wall };
}

/** The points of `solid` that are at least `gap` mm away from `other`. */
export function without(solid: Solid, other: Solid, gap = 0): Solid {
  return { ...solid, depth: (z, y, x) => Math.min(solid.depth(z, y, x), -gap - other.depth(z, y, x)) };
}

/** The points of both solids; found where `solid` is. */
export function within(solid: Solid, other: Solid): Solid {
  return { ...solid, depth: (z, y, x) => Math.min(solid.depth(z, y, x), other.depth(z, y, x)) };
}

function rotation([a, b, c]: Zyx): Float64Array {
  const [ca, sa, cb, sb, cc, sc] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b), Math.cos(c), Math.sin(c)];
  // Rz(a) · Ry(b) · Rx(c) with rows and columns in the order z, y, x.
  return Float64Array.of(
    cb * cc,
    cb * sc,
    -sb,
    sa * sb * cc - ca * sc,
    sa * sb * sc + ca * cc,
    sa * cb,
    ca * sb * cc + sa * sc,
    ca * sb * sc - sa * cc,
    ca * cb,
  );
}
