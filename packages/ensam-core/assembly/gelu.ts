import { unitEpsilon } from "../src/tensors/constants";
import { lanes } from "./channels";
import { expNegative } from "./functions";
import { word } from "./simd";

// x √C / (|x| + 1e-6) over the channels of a voxel, then gelu(u) = u Φ(u).

/** φ(u), the density of the normal distribution. */
// @ts-ignore: decorator
@inline
function density(u: v128): v128 {
  return f32x4.mul(expNegative(f32x4.mul(f32x4.mul(u, u), f32x4.splat(-0.5))), f32x4.splat(0.3989422804014327));
}

/**
 * Φ(u) from φ(u): the tail is φ times Mills' ratio, which is t P(t) with t = 1 / (1 + 0.3 |u|). P is a weighted
 * least-squares fit over |u| <= 12 with a largest relative error of 8e-8.
 */
// @ts-ignore: decorator
@inline
function cumulative(u: v128, phi: v128): v128 {
  const one = f32x4.splat(1);
  const t = f32x4.div(one, f32x4.add(one, f32x4.mul(f32x4.abs(u), f32x4.splat(0.3))));
  let p = f32x4.splat(0.0921022073);
  p = f32x4.sub(f32x4.mul(p, t), f32x4.splat(0.405289306));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.536784382));
  p = f32x4.sub(f32x4.mul(p, t), f32x4.splat(0.152733434));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.331993916));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.247447656));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.303175133));
  p = f32x4.add(f32x4.mul(p, t), f32x4.splat(0.299833481));
  const tail = f32x4.mul(phi, f32x4.mul(t, p));
  return v128.bitselect(tail, f32x4.sub(one, tail), f32x4.lt(u, f32x4.splat(0)));
}

function squaredLength(p: usize, bytes: usize): f32 {
  let s = f32x4.splat(0);
  let i: usize = 0;
  const whole = bytes & ~15;
  for (; i < whole; i += 16) {
    const v = v128.load(p + i);
    s = f32x4.add(s, f32x4.mul(v, v));
  }
  let sum = lanes(s);
  for (; i < bytes; i += 4) sum += load<f32>(p + i) * load<f32>(p + i);
  return sum;
}

/** u Φ(u), u = x times scale. */
// @ts-ignore: decorator
@inline
function gelu(x: v128, scale: v128): v128 {
  const u = f32x4.mul(x, scale);
  return f32x4.mul(u, cumulative(u, density(u)));
}

/** dy times Φ(u) + u φ(u). */
// @ts-ignore: decorator
@inline
function geluBack(dy: v128, x: v128, scale: v128): v128 {
  const u = f32x4.mul(x, scale);
  const phi = density(u);
  return f32x4.mul(dy, f32x4.add(cumulative(u, phi), f32x4.mul(u, phi)));
}

/** Parameters: x, y, voxels, channels, voxels per task. Task: a range of voxels. Scratch: four floats. */
export function rmsGelu(params: usize, task: usize, scratch: usize): void {
  const bytes = word(params, 3) << 2, perTask = word(params, 4);
  const end = min(word(params, 2), (task + 1) * perTask);
  const whole = bytes & ~15;
  const root = sqrt(<f32>word(params, 3));
  for (let v = task * perTask; v < end; v++) {
    const x = word(params, 0) + v * bytes, y = word(params, 1) + v * bytes;
    const scale = f32x4.splat(root / (sqrt(squaredLength(x, bytes)) + <f32>unitEpsilon));
    for (let i: usize = 0; i < whole; i += 16) v128.store(y + i, gelu(v128.load(x + i), scale));
    if (whole < bytes) {
      // Reads behind the voxel are harmless, writes are not.
      v128.store(scratch, gelu(v128.load(x + whole), scale));
      memory.copy(y + whole, scratch, bytes - whole);
    }
  }
}

/** Parameters: dy, x, dx, voxels, channels, voxels per task. Task: a range of voxels. Scratch: four floats. */
export function rmsGeluBack(params: usize, task: usize, scratch: usize): void {
  const bytes = word(params, 4) << 2, perTask = word(params, 5);
  const end = min(word(params, 3), (task + 1) * perTask);
  const whole = bytes & ~15;
  const root = sqrt(<f32>word(params, 4));
  for (let v = task * perTask; v < end; v++) {
    const dy = word(params, 0) + v * bytes, x = word(params, 1) + v * bytes, dx = word(params, 2) + v * bytes;
    const length = sqrt(squaredLength(x, bytes));
    const scale = root / (length + <f32>unitEpsilon);
    const scales = f32x4.splat(scale);
    let sums = f32x4.splat(0);
    for (let i: usize = 0; i < whole; i += 16) {
      const value = v128.load(x + i);
      const g = geluBack(v128.load(dy + i), value, scales);
      sums = f32x4.add(sums, f32x4.mul(g, value));
      v128.store(dx + i, g);
    }
    let dot = lanes(sums);
    if (whole < bytes) {
      v128.store(scratch, geluBack(v128.load(dy + whole), v128.load(x + whole), scales));
      memory.copy(dx + whole, scratch, bytes - whole);
      for (let i = whole; i < bytes; i += 4) dot += load<f32>(dx + i) * load<f32>(x + i);
    }
    const back: f32 = length > 0 ? (dot * scale) / (length * (length + <f32>unitEpsilon)) : 0;
    for (let i: usize = 0; i < bytes; i += 4) {
      store<f32>(dx + i, scale * load<f32>(dx + i) - back * load<f32>(x + i));
    }
  }
}
