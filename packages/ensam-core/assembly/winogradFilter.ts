import { blockBase, blockCount, blockWidth } from "./blocks";
import { gradientRows } from "./filterGradient";
import { word } from "./simd";
import { apart, prepareNorm, transformAlongYX, transformAlongZ } from "./winogradInput";

// The filter gradient by F(3,2) along each axis, over the tiles of F(2,3): the points of 4x4x4 inputs times those of
// 2x2x2 gradients, summed over tiles, brought back to 3x3x3 taps once. Along an axis gradients become g0, g0 + g1, g0 -
// g1, g1. Partial sums lie as [slab][point][block][accumulators], accumulators as of filterGradient.ts.

/** Four channels of a voxel, zeros where there are none. */
// @ts-ignore: decorator
@inline
function gradientAt(at: usize, isThere: bool, lanes: usize): v128 {
  if (!isThere) return f32x4.splat(0);
  if (lanes == 4) return v128.load(at);
  let value = v128.load32_zero(at);
  if (lanes > 1) value = v128.load32_lane(at + 4, value, 1);
  if (lanes > 2) value = v128.load32_lane(at + 8, value, 2);
  return value;
}

/** Sixteen points of a tile that share one along x, 4 x `step` bytes apart along y, 16 x along z. */
// @ts-ignore: decorator
@inline
function pointsAcross(to: usize, step: usize, g00: v128, g01: v128, g10: v128, g11: v128): void {
  pointsAlongZ(to, step << 4, g00, g10);
  pointsAlongZ(to + (step << 2), step << 4, f32x4.add(g00, g01), f32x4.add(g10, g11));
  pointsAlongZ(to + (step << 3), step << 4, f32x4.sub(g00, g01), f32x4.sub(g10, g11));
  pointsAlongZ(to + step * 12, step << 4, g01, g11);
}

// @ts-ignore: decorator
@inline
function pointsAlongZ(to: usize, step: usize, g0: v128, g1: v128): void {
  v128.store(to, g0);
  v128.store(to + step, f32x4.add(g0, g1));
  v128.store(to + (step << 1), f32x4.sub(g0, g1));
  v128.store(to + step * 3, g1);
}

/** A row of tiles of four channels of dy to its points: [64] planes `pointStep` bytes apart, tiles `tileStep` apart. */
function gradientPoints(
  dy: usize, voxels: usize, voxelStep: usize, rowStep: usize, planeStep: usize, hasRow: bool, hasPlane: bool, lanes: usize,
  to: usize, pointStep: usize, tileStep: usize,
): void {
  for (let v: usize = 0; v < voxels; v += 2) {
    const hasNext = v + 1 < voxels, next = dy + voxelStep;
    const a0 = gradientAt(dy, true, lanes), a1 = gradientAt(next, hasNext, lanes);
    const b0 = gradientAt(dy + rowStep, hasRow, lanes), b1 = gradientAt(next + rowStep, hasRow && hasNext, lanes);
    const c0 = gradientAt(dy + planeStep, hasPlane, lanes), c1 = gradientAt(next + planeStep, hasPlane && hasNext, lanes);
    const d0 = gradientAt(dy + planeStep + rowStep, hasRow && hasPlane, lanes);
    const d1 = gradientAt(next + planeStep + rowStep, hasRow && hasPlane && hasNext, lanes);
    pointsAcross(to, pointStep, a0, b0, c0, d0);
    pointsAcross(to + pointStep, pointStep, f32x4.add(a0, a1), f32x4.add(b0, b1), f32x4.add(c0, c1), f32x4.add(d0, d1));
    pointsAcross(to + (pointStep << 1), pointStep, f32x4.sub(a0, a1), f32x4.sub(b0, b1), f32x4.sub(c0, c1), f32x4.sub(d0, d1));
    pointsAcross(to + pointStep * 3, pointStep, a1, b1, c1, d1);
    dy += voxelStep << 1;
    to += tileStep;
  }
}

/** A row of tiles of all channels of dy, as [block][tiles][width] in each plane, `tile` the row's first of `tiles`. */
function gradientRow(
  dy: usize, depth: usize, height: usize, w: usize, outputs: usize, z: usize, y: usize, x: usize, voxels: usize,
  to: usize, pointStep: usize, tile: usize, tiles: usize,
): void {
  const voxelStep = outputs << 2, rowStep = w * voxelStep, planeStep = height * rowStep;
  const from = dy + ((z * height + y) * w + x) * voxelStep;
  const blocks = blockCount(outputs);
  for (let b: usize = 0; b < blocks; b++) {
    const base = blockBase(outputs, b), width = blockWidth(outputs, b);
    for (let lane: usize = 0; lane < width; lane += 4) {
      const channel = base + lane;
      const lanes = channel < outputs ? min(<usize>4, outputs - channel) : 0;
      const at = to + ((base * tiles + tile * width + lane) << 2);
      if (lanes) {
        gradientPoints(
          from + (channel << 2), voxels, voxelStep, rowStep, planeStep, y + 1 < height, z + 1 < depth, lanes, at, pointStep, width << 2,
        );
      } else {
        for (let p: usize = 0; p < 64; p++) {
          for (let t: usize = 0; t < (voxels + 1) >> 1; t++) v128.store(at + p * pointStep + t * (width << 2), f32x4.splat(0));
        }
      }
    }
  }
}

/** Four rows of inputs, transformed along z, to the points of a row of tiles. */
function inputRow(ring: usize, rowBytes: usize, top: isize, tiles: usize, bytes: usize, to: usize, planeStep: usize): void {
  for (let a: usize = 0; a < 4; a++) {
    const from = ring + a * (rowBytes << 2);
    const r0 = from + (<usize>(top + 1) & 3) * rowBytes, r1 = from + (<usize>(top + 2) & 3) * rowBytes;
    const r2 = from + (<usize>(top + 3) & 3) * rowBytes, r3 = from + (<usize>(top + 4) & 3) * rowBytes;
    transformAlongYX(r0, r1, r2, r3, tiles, bytes, to + ((a * planeStep) << 4), planeStep);
  }
}

/** Bytes of the accumulators of a point. */
function accumulatorBytes(channels: usize, outputs: usize): usize {
  const last = blockCount(outputs) - 1;
  const base = blockBase(outputs, last), width = blockWidth(outputs, last);
  return (base * channels + (width == 4 ? ((channels + 7) & ~7) << 2 : width * channels)) << 2;
}

/** acc += inputs[t]ᵀ gradients[t] at one point, over `tiles` tiles. */
function addProducts(inputs: usize, padded: usize, gradients: usize, tiles: usize, channels: usize, outputs: usize, acc: usize): void {
  const blocks = blockCount(outputs);
  for (let b: usize = 0; b < blocks; b++) {
    const base = blockBase(outputs, b), width = blockWidth(outputs, b);
    gradientRows(
      inputs, padded << 2, 0, gradients + ((base * tiles) << 2), tiles, 1, channels, acc + ((base * channels) << 2), width,
    );
  }
}

/**
 * Partial sums of a slab, for maps whose sums stay in a cache.
 *
 * Parameters: x, dy, partials, D H W, input channels, output channels, tiles along x at a time, rows of tiles at a
 * time, slabs, then the norm's as of prepareNorm. Task: a slab of planes of tiles.
 */
export function winogradFilter(params: usize, task: usize, scratch: usize): void {
  const x = word(params, 0), dy = word(params, 1);
  const depth = word(params, 3), height = word(params, 4), w = word(params, 5);
  const channels = word(params, 6), outputs = word(params, 7);
  const along = word(params, 8), rows = word(params, 9), slabs = word(params, 10);
  const tilesX = (w + 1) >> 1, tilesY = (height + 1) >> 1, tilesZ = (depth + 1) >> 1;
  const padded = (channels + 3) & ~3, accBytes = accumulatorBytes(channels, outputs);
  const partials = word(params, 2) + ((task * accBytes) << 6);
  memory.fill(partials, 0, accBytes << 6);
  const norm = prepareNorm(params, 11, channels, scratch);
  const ring = scratch + ((padded * 3) << 2);
  const inputs = ring + (((along * 2 + 2) * padded) << 6);
  const inputStep = ((rows * along * padded) << 2) + apart;
  const gradients = inputs + (inputStep << 6);
  const gradientStep = ((rows * along * ((outputs + 15) & ~15)) << 2) + apart;
  const end = (tilesZ * (task + 1)) / slabs;
  for (let tz = (tilesZ * task) / slabs; tz < end; tz++) {
    for (let first: usize = 0; first < tilesX; first += along) {
      const tiles = min(along, tilesX - first), positions = tiles * 2 + 2, rowBytes = (positions * padded) << 2;
      let ready: isize = -1;
      for (let ty: usize = 0; ty < tilesY; ty += rows) {
        const n = min(rows, tilesY - ty);
        for (let r: usize = 0; r < n; r++) {
          const top = <isize>((ty + r) << 1) - 1;
          for (; ready < top + 4; ready++) {
            const slot = ring + (<usize>(ready + 1) & 3) * rowBytes;
            transformAlongZ(
              x, depth, height, w, channels, <isize>(tz << 1) - 1, ready, <isize>(first << 1) - 1, positions, norm, slot, rowBytes << 2,
            );
          }
          inputRow(ring, rowBytes, top, tiles, padded << 2, inputs + ((r * tiles * padded) << 2), inputStep);
          gradientRow(
            dy, depth, height, w, outputs, tz << 1, (ty + r) << 1, first << 1, min(tiles << 1, w - (first << 1)),
            gradients, gradientStep, r * tiles, n * tiles,
          );
        }
        for (let p: usize = 0; p < 64; p++) {
          addProducts(
            inputs + p * inputStep, padded, gradients + p * gradientStep, n * tiles, channels, outputs, partials + p * accBytes,
          );
        }
      }
    }
  }
}

/**
 * Points of inputs and gradients of whole planes of tiles, for maps of many channels: see `winogradFilterProducts`.
 *
 * Parameters: x, dy, input points, gradient points, D H W, input channels, output channels, first plane of tiles,
 * planes, then the norm's as of prepareNorm. Task: a row of tiles.
 */
export function winogradFilterPoints(params: usize, task: usize, scratch: usize): void {
  const depth = word(params, 4), height = word(params, 5), w = word(params, 6);
  const channels = word(params, 7), outputs = word(params, 8), first = word(params, 9), planes = word(params, 10);
  const tilesX = (w + 1) >> 1, tilesY = (height + 1) >> 1, tiles = planes * tilesY * tilesX;
  const ty = task % tilesY, z = (first + task / tilesY) << 1;
  const padded = (channels + 3) & ~3;
  const norm = prepareNorm(params, 11, channels, scratch);
  const ring = scratch + ((padded * 3) << 2), positions = tilesX * 2 + 2, rowBytes = (positions * padded) << 2;
  const top = <isize>(ty << 1) - 1;
  for (let y = top; y < top + 4; y++) {
    const slot = ring + (<usize>(y + 1) & 3) * rowBytes;
    transformAlongZ(word(params, 0), depth, height, w, channels, <isize>z - 1, y, -1, positions, norm, slot, rowBytes << 2);
  }
  const inputStep = ((tiles * padded) << 2) + apart, gradientStep = ((tiles * ((outputs + 15) & ~15)) << 2) + apart;
  inputRow(ring, rowBytes, top, tilesX, padded << 2, word(params, 2) + ((task * tilesX * padded) << 2), inputStep);
  gradientRow(word(params, 1), depth, height, w, outputs, z, ty << 1, 0, w, word(params, 3), gradientStep, task * tilesX, tiles);
}

/**
 * Sums over tiles at one point.
 *
 * Parameters: input points, gradient points, sums, tiles, input channels, output channels, whether the sums begin with
 * these tiles. Task: a point.
 */
export function winogradFilterProducts(params: usize, task: usize, _scratch: usize): void {
  const tiles = word(params, 3), channels = word(params, 4), outputs = word(params, 5);
  const padded = (channels + 3) & ~3, accBytes = accumulatorBytes(channels, outputs);
  const acc = word(params, 2) + task * accBytes;
  if (word(params, 6)) memory.fill(acc, 0, accBytes);
  const inputs = word(params, 0) + task * (((tiles * padded) << 2) + apart);
  const gradients = word(params, 1) + task * (((tiles * ((outputs + 15) & ~15)) << 2) + apart);
  addProducts(inputs, padded, gradients, tiles, channels, outputs, acc);
}

/** m0 + (m1 + m2) / 2, (m1 - m2) / 2, (m1 + m2) / 2 - m3 along one axis, whose values are `inner` vectors apart. */
function along(from: usize, to: usize, outer: usize, inner: usize): void {
  const step = inner << 4;
  const half = f32x4.splat(0.5);
  for (let o: usize = 0; o < outer; o++) {
    for (let i: usize = 0; i < step; i += 16) {
      const m1 = f32x4.mul(v128.load(from + step + i), half), m2 = f32x4.mul(v128.load(from + (step << 1) + i), half);
      const sum = f32x4.add(m1, m2);
      v128.store(to + i, f32x4.add(v128.load(from + i), sum));
      v128.store(to + step + i, f32x4.sub(m1, m2));
      v128.store(to + (step << 1) + i, f32x4.sub(sum, v128.load(from + step * 3 + i)));
    }
    from += step << 2;
    to += step * 3;
  }
}

/**
 * Adds the slabs' sums in their order and brings them back to taps.
 *
 * Parameters: partials, target, outputs, input channels, slabs, target stride of an output, of an input channel (in
 * floats; taps follow each other), input channels per task. Task: a range of input channels.
 */
export function winogradFilterBack(params: usize, task: usize, scratch: usize): void {
  const target = word(params, 1), outputs = word(params, 2), channels = word(params, 3), slabs = word(params, 4);
  const outputStride = word(params, 5) << 2, innerStride = word(params, 6) << 2, perTask = word(params, 7);
  const accBytes = accumulatorBytes(channels, outputs), slabBytes = accBytes << 6;
  const points = scratch, alongX = scratch + 1024, alongY = scratch + 1792, taps = scratch + 2368;
  const end = min(channels, (task + 1) * perTask), blocks = blockCount(outputs);
  for (let b: usize = 0; b < blocks; b++) {
    const base = blockBase(outputs, b), width = blockWidth(outputs, b);
    for (let c = task * perTask; c < end; c++) {
      for (let lane: usize = 0; lane < width && base + lane < outputs; lane += 4) {
        const at = word(params, 0) + ((base * channels) << 2) + ((width == 4 ? ((c >> 3) << 5) + (c & 7) : c * width + lane) << 2);
        for (let p: usize = 0; p < 64; p++) {
          let sum = f32x4.splat(0);
          let from = at + p * accBytes;
          for (let s: usize = 0; s < slabs; s++) {
            sum = f32x4.add(sum, width == 4 ? everyEighth(from) : v128.load(from));
            from += slabBytes;
          }
          v128.store(points + (p << 4), sum);
        }
        along(points, alongX, 16, 1);
        along(alongX, alongY, 4, 3);
        along(alongY, taps, 1, 9);
        const lanes = min(<usize>4, outputs - base - lane);
        const to = target + (base + lane) * outputStride + c * innerStride;
        for (let k: usize = 0; k < 27; k++) {
          for (let t: usize = 0; t < lanes; t++) store<f32>(to + t * outputStride + (k << 2), load<f32>(taps + (k << 4) + (t << 2)));
        }
      }
    }
  }
}

// @ts-ignore: decorator
@inline
function everyEighth(at: usize): v128 {
  const two = v128.load32_lane(at + 32, v128.load32_zero(at), 1);
  return v128.load32_lane(at + 96, v128.load32_lane(at + 64, two, 2), 3);
}
