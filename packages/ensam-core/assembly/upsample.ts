import { word } from "./simd";

// Trilinear x2, half-voxel centres: along an axis out[2i] = ¼ in[i-1] + ¾ in[i], out[2i+1] = ¾ in[i] + ¼ in[i+1],
// indices clamped. A row along x is blended from four input rows first, then stretched.

/** to = a p + b q + c r + d s over n floats (n a multiple of 4, or less at the tail). */
function blend4(to: usize, p: usize, q: usize, r: usize, s: usize, a: f32, b: f32, c: f32, d: f32, n: usize): void {
  const va = f32x4.splat(a), vb = f32x4.splat(b), vc = f32x4.splat(c), vd = f32x4.splat(d);
  let i: usize = 0;
  const whole = (n & ~3) << 2;
  for (; i < whole; i += 16) {
    const first = f32x4.add(f32x4.mul(va, v128.load(p + i)), f32x4.mul(vb, v128.load(q + i)));
    const second = f32x4.add(f32x4.mul(vc, v128.load(r + i)), f32x4.mul(vd, v128.load(s + i)));
    v128.store(to + i, f32x4.add(first, second));
  }
  for (; i < n << 2; i += 4) {
    store<f32>(to + i, a * load<f32>(p + i) + b * load<f32>(q + i) + (c * load<f32>(r + i) + d * load<f32>(s + i)));
  }
}

/** to = ¼ p + ¾ q over n floats. */
// @ts-ignore: decorator
@inline
function quarter(to: usize, p: usize, q: usize, n: usize): void {
  const a = f32x4.splat(0.25), b = f32x4.splat(0.75);
  let i: usize = 0;
  const whole = (n & ~3) << 2;
  for (; i < whole; i += 16) v128.store(to + i, f32x4.add(f32x4.mul(a, v128.load(p + i)), f32x4.mul(b, v128.load(q + i))));
  for (; i < n << 2; i += 4) store<f32>(to + i, <f32>0.25 * load<f32>(p + i) + <f32>0.75 * load<f32>(q + i));
}

/** The neighbour that output index `o` takes a quarter of, clamped. */
// @ts-ignore: decorator
@inline
function neighbour(o: usize, n: usize): usize {
  const i = o >> 1;
  return o & 1 ? min(i + 1, n - 1) : i == 0 ? 0 : i - 1;
}

/** Parameters: x, y, input D H W channels. Task: an output plane. Scratch: a row of the input. */
export function upsample(params: usize, z: usize, scratch: usize): void {
  const x = word(params, 0), depth = word(params, 2), height = word(params, 3), w = word(params, 4), channels = word(params, 5);
  const rowFloats = w * channels;
  const row = rowFloats << 2, voxel = channels << 2;
  const near = x + (z >> 1) * height * row, far = x + neighbour(z, depth) * height * row;
  let out = word(params, 1) + z * height * 2 * row * 2;
  const last = scratch + (w - 1) * voxel;
  for (let y: usize = 0; y < height << 1; y++) {
    const a = (y >> 1) * row, b = neighbour(y, height) * row;
    blend4(scratch, near + a, near + b, far + a, far + b, 0.5625, 0.1875, 0.1875, 0.0625, rowFloats);
    memory.copy(out, scratch, voxel);
    out += voxel;
    for (let p = scratch; p < last; p += voxel) {
      quarter(out, p + voxel, p, channels);
      quarter(out + voxel, p, p + voxel, channels);
      out += voxel << 1;
    }
    memory.copy(out, last, voxel);
    out += voxel;
  }
}

/** Shares of in[i] in out[2i - 1 .. 2i + 2]; outputs that do not exist have share 0 and a valid index. */
// @ts-ignore: decorator
@inline
function shareOf(i: usize, n: usize, k: usize): f32 {
  if (k == 0) return i == 0 ? 0 : 0.25;
  if (k == 1) return i == 0 ? 1 : 0.75;
  if (k == 2) return i == n - 1 ? 1 : 0.75;
  return i == n - 1 ? 0 : 0.25;
}

// @ts-ignore: decorator
@inline
function outputOf(i: usize, n: usize, k: usize): usize {
  const o = (i << 1) + k;
  return o == 0 ? 0 : min(o - 1, (n << 1) - 1);
}

function blendY(to: usize, plane: usize, row: usize, y: usize, height: usize, n: usize): void {
  blend4(
    to,
    plane + outputOf(y, height, 0) * row, plane + outputOf(y, height, 1) * row,
    plane + outputOf(y, height, 2) * row, plane + outputOf(y, height, 3) * row,
    shareOf(y, height, 0), shareOf(y, height, 1), shareOf(y, height, 2), shareOf(y, height, 3), n,
  );
}

/** Parameters: dy, dx, input D H W channels (of dx). Task: a plane of dx. Scratch: five rows of dy. */
export function upsampleBack(params: usize, z: usize, scratch: usize): void {
  const dy = word(params, 0), depth = word(params, 2), height = word(params, 3), w = word(params, 4), channels = word(params, 5);
  const rowFloats = w * channels * 2;
  const row = rowFloats << 2, voxel = channels << 2;
  const plane = height * 2 * row;
  const p0 = dy + outputOf(z, depth, 0) * plane, p1 = dy + outputOf(z, depth, 1) * plane;
  const p2 = dy + outputOf(z, depth, 2) * plane, p3 = dy + outputOf(z, depth, 3) * plane;
  const s1 = scratch + row, s2 = s1 + row, s3 = s2 + row, sum = s3 + row;
  let out = word(params, 1) + z * height * w * voxel;
  for (let y: usize = 0; y < height; y++) {
    blendY(scratch, p0, row, y, height, rowFloats);
    blendY(s1, p1, row, y, height, rowFloats);
    blendY(s2, p2, row, y, height, rowFloats);
    blendY(s3, p3, row, y, height, rowFloats);
    blend4(sum, scratch, s1, s2, s3, shareOf(z, depth, 0), shareOf(z, depth, 1), shareOf(z, depth, 2), shareOf(z, depth, 3), rowFloats);
    for (let i: usize = 0; i < w; i++) {
      blend4(
        out, sum + outputOf(i, w, 0) * voxel, sum + outputOf(i, w, 1) * voxel, sum + outputOf(i, w, 2) * voxel,
        sum + outputOf(i, w, 3) * voxel, shareOf(i, w, 0), shareOf(i, w, 1), shareOf(i, w, 2), shareOf(i, w, 3), channels,
      );
      out += voxel;
    }
  }
}
