import type { Zyx } from "../voxels/index.ts";

/** The nine numbers, row by row, of the rotation by these angles about the z, y and x axes, in radians. */
export function rotation([a, b, c]: Zyx): Float64Array {
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
