import { type Solid, smoothField } from "@ensam/core/synthesis";
import type { RandomStream } from "@ensam/core/voxels";

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
 * A column along z with an elliptical section: a trunk, a limb. `radii` is [y, x] in mm at a height z, so that a neck
 * can widen into shoulders.
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
