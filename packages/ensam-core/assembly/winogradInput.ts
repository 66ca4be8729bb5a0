import { word } from "./simd";

// The first half of Winograd's convolution, F(2,3) along each axis (Lavin and Gray, arXiv 1509.09308): 4x4x4 inputs of
// a tile to 64 points. Along an axis: x0 - x2, x1 + x2, x2 - x1, x1 - x3. Channels are rounded up to a multiple of
// four, with zeros.

/** Bytes that keep planes of points from falling on the same cache sets. */
export const apart: usize = 64;

/**
 * Prepares a norm + ReLU in front of a convolution: [3][channels] of mean, scale and shift. Returns 0 if there is none.
 *
 * @param at word of the job's parameters from which mean, rest, inverse deviation, gain and shift stand; the mean 0 if
 *   none
 */
export function prepareNorm(params: usize, at: usize, channels: usize, to: usize): usize {
  const mean = word(params, at);
  if (!mean) return 0;
  for (let c: usize = 0; c < channels << 2; c += 4) {
    const scale = load<f32>(word(params, at + 2) + c) * load<f32>(word(params, at + 3) + c);
    store<f32>(to + c, load<f32>(mean + c));
    store<f32>(to + (channels << 2) + c, scale);
    store<f32>(to + (channels << 3) + c, load<f32>(word(params, at + 4) + c) - load<f32>(word(params, at + 1) + c) * scale);
  }
  return to;
}

// @ts-ignore: decorator
@inline
function active(at: usize, norm: usize, channelBytes: usize, mask: v128): v128 {
  const centred = f32x4.sub(v128.load(at), v128.load(norm));
  const value = f32x4.add(f32x4.mul(centred, v128.load(norm + channelBytes)), v128.load(norm + (channelBytes << 1)));
  return v128.and(f32x4.max(f32x4.splat(0), value), mask);
}

/** One lane of a channel count that is no multiple of four. */
// @ts-ignore: decorator
@inline
function activeLane(at: usize, norm: usize, channelBytes: usize, there: bool): f32 {
  if (!there) return 0;
  if (!norm) return load<f32>(at);
  const value = (load<f32>(at) - load<f32>(norm)) * load<f32>(norm + channelBytes) + load<f32>(norm + (channelBytes << 1));
  return max(<f32>0, value);
}

// @ts-ignore: decorator
@inline
function maskOf(there: bool): v128 {
  return i32x4.splat(there ? -1 : 0);
}

/**
 * Transforms one row of the four planes from `z` on along z, into four rows `rowStep` bytes apart.
 *
 * @param z          first plane, may lie outside, as may y and x: zeros there
 * @param x          first voxel of the row
 * @param positions  voxels of the row
 */
export function transformAlongZ(
  map: usize, depth: isize, height: isize, w: isize, channels: usize, z: isize, y: isize, x: isize, positions: isize,
  norm: usize, to: usize, rowStep: usize,
): void {
  const padded = (channels + 3) & ~3;
  const bytes = <usize>positions * padded << 2;
  const low = x < 0 ? -x : 0, high = max(low, min(positions, w - x));
  const isOutside = y < 0 || y >= height;
  for (let a: usize = 0; a < 4; a++) {
    const row = to + a * rowStep;
    if (isOutside) memory.fill(row, 0, bytes);
    else {
      memory.fill(row, 0, <usize>low * padded << 2);
      memory.fill(row + (<usize>high * padded << 2), 0, <usize>(positions - high) * padded << 2);
    }
  }
  if (isOutside) return;
  const channelBytes = channels << 2;
  const plane = <usize>(height * w) * channelBytes;
  const first = map + <usize>((max(z, 0) * height + y) * w + x + low) * channelBytes;
  const has0 = z >= 0, has1 = z + 1 < depth, has2 = z + 2 < depth, has3 = z + 3 < depth;
  const p0 = first;
  const p1 = has0 ? p0 + plane : p0;
  const p2 = has2 ? p1 + plane : p1, p3 = has3 ? p2 + plane : p2;
  const at = to + (<usize>low * padded << 2);
  const count = <usize>(high - low);
  if (channels & 3) {
    lanesAlongZ(p0, p1, p2, p3, has0, has1, has2, has3, count, channels, norm, at, rowStep);
  } else if (norm) {
    activeAlongZ(p0, p1, p2, p3, maskOf(has0), maskOf(has1), maskOf(has2), maskOf(has3), count, channelBytes, norm, at, rowStep);
  } else if (has0 && has3) {
    plainAlongZ(p0, p1, p2, p3, count * channelBytes, at, rowStep);
  } else {
    maskedAlongZ(p0, p1, p2, p3, maskOf(has0), maskOf(has1), maskOf(has2), maskOf(has3), count * channelBytes, at, rowStep);
  }
}

// @ts-ignore: decorator
@inline
function storeFour(to: usize, rowStep: usize, d0: v128, d1: v128, d2: v128, d3: v128): void {
  v128.store(to, f32x4.sub(d0, d2));
  v128.store(to + rowStep, f32x4.add(d1, d2));
  v128.store(to + (rowStep << 1), f32x4.sub(d2, d1));
  v128.store(to + rowStep * 3, f32x4.sub(d1, d3));
}

function plainAlongZ(p0: usize, p1: usize, p2: usize, p3: usize, bytes: usize, to: usize, rowStep: usize): void {
  for (let o: usize = 0; o < bytes; o += 16) {
    storeFour(to + o, rowStep, v128.load(p0 + o), v128.load(p1 + o), v128.load(p2 + o), v128.load(p3 + o));
  }
}

function maskedAlongZ(
  p0: usize, p1: usize, p2: usize, p3: usize, m0: v128, m1: v128, m2: v128, m3: v128, bytes: usize, to: usize, rowStep: usize,
): void {
  for (let o: usize = 0; o < bytes; o += 16) {
    const d0 = v128.and(v128.load(p0 + o), m0), d1 = v128.and(v128.load(p1 + o), m1);
    storeFour(to + o, rowStep, d0, d1, v128.and(v128.load(p2 + o), m2), v128.and(v128.load(p3 + o), m3));
  }
}

function activeAlongZ(
  p0: usize, p1: usize, p2: usize, p3: usize, m0: v128, m1: v128, m2: v128, m3: v128, count: usize, channelBytes: usize,
  norm: usize, to: usize, rowStep: usize,
): void {
  let o: usize = 0;
  for (; count; count--) {
    for (let c: usize = 0; c < channelBytes; c += 16) {
      const n = norm + c;
      const d0 = active(p0 + o, n, channelBytes, m0), d1 = active(p1 + o, n, channelBytes, m1);
      storeFour(to + o, rowStep, d0, d1, active(p2 + o, n, channelBytes, m2), active(p3 + o, n, channelBytes, m3));
      o += 16;
    }
  }
}

function lanesAlongZ(
  p0: usize, p1: usize, p2: usize, p3: usize, has0: bool, has1: bool, has2: bool, has3: bool, count: usize, channels: usize,
  norm: usize, to: usize, rowStep: usize,
): void {
  const channelBytes = channels << 2, rest = (((channels + 3) & ~3) - channels) << 2;
  let o: usize = 0;
  for (; count; count--) {
    for (let c: usize = 0; c < channelBytes; c += 4) {
      const n = norm ? norm + c : 0;
      const d0 = activeLane(p0 + o, n, channelBytes, has0), d1 = activeLane(p1 + o, n, channelBytes, has1);
      const d2 = activeLane(p2 + o, n, channelBytes, has2), d3 = activeLane(p3 + o, n, channelBytes, has3);
      store<f32>(to, d0 - d2);
      store<f32>(to + rowStep, d1 + d2);
      store<f32>(to + (rowStep << 1), d2 - d1);
      store<f32>(to + rowStep * 3, d1 - d3);
      to += 4;
      o += 4;
    }
    for (let a: usize = 0; a < 4; a++) memory.fill(to + a * rowStep, 0, rest);
    to += rest;
  }
}

/**
 * Transforms four rows along y and x: the sixteen points of each of `tiles` tiles that share a point along z.
 *
 * @param bytes      of a voxel's channels, a multiple of 16
 * @param to         [16] planes, `planeStep` bytes apart, of [tiles][channels]
 */
export function transformAlongYX(
  r0: usize, r1: usize, r2: usize, r3: usize, tiles: usize, bytes: usize, to: usize, planeStep: usize,
): void {
  for (let c: usize = 0; c < bytes; c += 16) {
    difference(r0 + c, r2 + c, tiles, bytes, to + c, planeStep);
    sumAndDifference(r1 + c, r2 + c, tiles, bytes, to + c + (planeStep << 2), planeStep);
    difference(r1 + c, r3 + c, tiles, bytes, to + c + planeStep * 12, planeStep);
  }
}

// @ts-ignore: decorator
@inline
function difference(p: usize, q: usize, tiles: usize, step: usize, to: usize, planeStep: usize): void {
  let d0 = f32x4.sub(v128.load(p), v128.load(q));
  let d1 = f32x4.sub(v128.load(p + step), v128.load(q + step));
  for (; tiles; tiles--) {
    p += step << 1;
    q += step << 1;
    const d2 = f32x4.sub(v128.load(p), v128.load(q));
    const d3 = f32x4.sub(v128.load(p + step), v128.load(q + step));
    storeFour(to, planeStep, d0, d1, d2, d3);
    d0 = d2;
    d1 = d3;
    to += step;
  }
}

// @ts-ignore: decorator
@inline
function sumAndDifference(p: usize, q: usize, tiles: usize, step: usize, to: usize, planeStep: usize): void {
  let u = v128.load(p), t = v128.load(q);
  let s0 = f32x4.add(u, t), d0 = f32x4.sub(t, u);
  u = v128.load(p + step), t = v128.load(q + step);
  let s1 = f32x4.add(u, t), d1 = f32x4.sub(t, u);
  for (; tiles; tiles--) {
    p += step << 1;
    q += step << 1;
    u = v128.load(p), t = v128.load(q);
    const s2 = f32x4.add(u, t), d2 = f32x4.sub(t, u);
    u = v128.load(p + step), t = v128.load(q + step);
    const s3 = f32x4.add(u, t), d3 = f32x4.sub(t, u);
    storeFour(to, planeStep, s0, s1, s2, s3);
    storeFour(to + (planeStep << 2), planeStep, d0, d1, d2, d3);
    s0 = s2;
    s1 = s3;
    d0 = d2;
    d1 = d3;
    to += step;
  }
}
