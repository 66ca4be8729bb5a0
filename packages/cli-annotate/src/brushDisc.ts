import type { Zyx } from "./displayGrid.ts";

/**
 * Stored flat indices of the disc of a brush in one plane: voxels whose centre is at most `radius` mm away from the
 * middle, and the middle itself.
 *
 * @param normal  the stored axis across the plane
 */
export function brushDisc(middle: Zyx, normal: 0 | 1 | 2, radius: number, spacing: Zyx, shape: Zyx): number[] {
  const [a, b] = ([0, 1, 2] as const).filter((axis) => axis !== normal) as [0 | 1 | 2, 0 | 1 | 2];
  const strides = [shape[1] * shape[2], shape[2], 1];
  const reach = (axis: 0 | 1 | 2) => Math.floor(radius / spacing[axis]);
  const found: number[] = [];
  for (let i = Math.max(0, middle[a] - reach(a)); i <= Math.min(shape[a] - 1, middle[a] + reach(a)); i++) {
    for (let j = Math.max(0, middle[b] - reach(b)); j <= Math.min(shape[b] - 1, middle[b] + reach(b)); j++) {
      const distance = Math.hypot((i - middle[a]) * spacing[a], (j - middle[b]) * spacing[b]);
      if (distance > radius) continue;
      found.push(middle[normal] * strides[normal]! + i * strides[a]! + j * strides[b]!);
    }
  }
  return found;
}

/** The voxels on the straight way between two voxels, both included, so that a fast stroke has no gaps. */
export function lineBetween(from: Zyx, to: Zyx): Zyx[] {
  const steps = Math.max(...from.map((value, axis) => Math.abs(to[axis]! - value)), 1);
  return Array.from({ length: steps + 1 }, (_, i) => {
    return from.map((value, axis) => Math.round(value + ((to[axis]! - value) * i) / steps)) as unknown as Zyx;
  });
}
