import { word } from "./simd";

// Maps [voxels][channels] are taken in chunks that fit the first cache, a column of four channels (or one) at a time;
// sums of a chunk are single precision, sums of chunks double. A task is a fixed range of voxels, so threads change no
// bit.

const chunkFloats: usize = 2048;

/** Voxels of a chunk. */
// @ts-ignore: decorator
@inline
export function chunkOf(channels: usize): usize {
  return max(<usize>1, chunkFloats / channels);
}

/** Sum of four lanes. */
// @ts-ignore: decorator
@inline
export function lanes(v: v128): f32 {
  return f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1) + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}

/** Sum of a column of four channels over n voxels. */
export function sumColumn(p: usize, step: usize, n: usize): v128 {
  let a = f32x4.splat(0), b = a, c = a, d = a;
  let i = n;
  for (; i >= 4; i -= 4) {
    a = f32x4.add(a, v128.load(p));
    b = f32x4.add(b, v128.load(p + step));
    p += step << 1;
    c = f32x4.add(c, v128.load(p));
    d = f32x4.add(d, v128.load(p + step));
    p += step << 1;
  }
  for (; i; i--) {
    a = f32x4.add(a, v128.load(p));
    p += step;
  }
  return f32x4.add(f32x4.add(a, b), f32x4.add(c, d));
}

/** Sum of one channel over n voxels. */
export function sumSingle(p: usize, step: usize, n: usize): f32 {
  let a: f32 = 0, b: f32 = 0, c: f32 = 0, d: f32 = 0;
  let i = n;
  for (; i >= 4; i -= 4) {
    a += load<f32>(p);
    b += load<f32>(p + step);
    p += step << 1;
    c += load<f32>(p);
    d += load<f32>(p + step);
    p += step << 1;
  }
  for (; i; i--) {
    a += load<f32>(p);
    p += step;
  }
  return a + b + (c + d);
}

/** Adds to a double. */
// @ts-ignore: decorator
@inline
export function addTo(at: usize, value: f64): void {
  store<f64>(at, load<f64>(at) + value);
}

/** Adds four lanes to four doubles. */
// @ts-ignore: decorator
@inline
export function addLanes(at: usize, v: v128): void {
  addTo(at, <f64>f32x4.extract_lane(v, 0));
  addTo(at + 8, <f64>f32x4.extract_lane(v, 1));
  addTo(at + 16, <f64>f32x4.extract_lane(v, 2));
  addTo(at + 24, <f64>f32x4.extract_lane(v, 3));
}

/** Channel sums of a range of voxels. Parameters: x, partials f64 [tasks][channels], voxels, channels, tasks. */
export function channelSums(params: usize, task: usize, _scratch: usize): void {
  const x = word(params, 0), voxels = word(params, 2), channels = word(params, 3), tasks = word(params, 4);
  const out = word(params, 1) + ((task * channels) << 3);
  memory.fill(out, 0, channels << 3);
  const step = channels << 2, chunk = chunkOf(channels);
  const whole = channels & ~3;
  const end = <usize>((<u64>voxels * (task + 1)) / tasks);
  for (let v = <usize>((<u64>voxels * task) / tasks); v < end; v += chunk) {
    const n = min(chunk, end - v), at = x + v * step;
    let c: usize = 0;
    for (; c < whole; c += 4) addLanes(out + (c << 3), sumColumn(at + (c << 2), step, n));
    for (; c < channels; c++) addTo(out + (c << 3), <f64>sumSingle(at + (c << 2), step, n));
  }
}

/** Adds f64 partials [tasks][n] in their order. Parameters: partials, tasks, n, f32 target [n]. One task. */
export function addDoubles(params: usize, _task: usize, _scratch: usize): void {
  const partials = word(params, 0), tasks = word(params, 1), n = word(params, 2), target = word(params, 3);
  for (let i: usize = 0; i < n; i++) {
    let sum: f64 = 0;
    for (let t: usize = 0; t < tasks; t++) sum += load<f64>(partials + ((t * n + i) << 3));
    store<f32>(target + (i << 2), <f32>sum);
  }
}
