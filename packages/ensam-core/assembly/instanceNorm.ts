import { addLanes, addTo, chunkOf, sumColumn, sumSingle } from "./channels";
import { real, word } from "./simd";

// Instance normalisation and ReLU, forward and backward: see channels.ts for how a map is walked through.

/** Takes n values of mean m and sum of squared deviations q into the running (count, mean, deviations) of a channel. */
// @ts-ignore: decorator
@inline
function merge(at: usize, stride: usize, before: f64, n: f64, m: f64, q: f64): void {
  const mean = load<f64>(at);
  const delta = m - mean, total = before + n;
  store<f64>(at, mean + (delta * n) / total);
  store<f64>(at + stride, load<f64>(at + stride) + q + (delta * delta * before * n) / total);
}

/**
 * Mean and sum of squared deviations of each channel over a range of voxels: per chunk in two passes, chunks merged.
 *
 * Parameters: x, partials f64 [tasks][2][channels], voxels, channels, tasks.
 */
export function channelMoments(params: usize, task: usize, _scratch: usize): void {
  const x = word(params, 0), voxels = word(params, 2), channels = word(params, 3), tasks = word(params, 4);
  const stride = channels << 3;
  const out = word(params, 1) + task * stride * 2;
  memory.fill(out, 0, stride * 2);
  const step = channels << 2, chunk = chunkOf(channels);
  const whole = channels & ~3;
  const start = <usize>((<u64>voxels * task) / tasks), end = <usize>((<u64>voxels * (task + 1)) / tasks);
  for (let v = start; v < end; v += chunk) {
    const n = min(chunk, end - v), at = x + v * step;
    const before = <f64>(v - start), count = <f64>n;
    let c: usize = 0;
    for (; c < whole; c += 4) {
      let p = at + (c << 2);
      const shift = f32x4.mul(sumColumn(p, step, n), f32x4.splat(<f32>1 / <f32>n));
      let s = f32x4.splat(0), q = s, s2 = s, q2 = s;
      let i = n;
      for (; i >= 2; i -= 2) {
        const d = f32x4.sub(v128.load(p), shift), e = f32x4.sub(v128.load(p + step), shift);
        s = f32x4.add(s, d);
        s2 = f32x4.add(s2, e);
        q = f32x4.add(q, f32x4.mul(d, d));
        q2 = f32x4.add(q2, f32x4.mul(e, e));
        p += step << 1;
      }
      if (i) {
        const d = f32x4.sub(v128.load(p), shift);
        s = f32x4.add(s, d);
        q = f32x4.add(q, f32x4.mul(d, d));
      }
      s = f32x4.add(s, s2);
      q = f32x4.add(q, q2);
      const o = out + (c << 3);
      mergeLane(o, stride, before, count, f32x4.extract_lane(shift, 0), f32x4.extract_lane(s, 0), f32x4.extract_lane(q, 0));
      mergeLane(o + 8, stride, before, count, f32x4.extract_lane(shift, 1), f32x4.extract_lane(s, 1), f32x4.extract_lane(q, 1));
      mergeLane(o + 16, stride, before, count, f32x4.extract_lane(shift, 2), f32x4.extract_lane(s, 2), f32x4.extract_lane(q, 2));
      mergeLane(o + 24, stride, before, count, f32x4.extract_lane(shift, 3), f32x4.extract_lane(s, 3), f32x4.extract_lane(q, 3));
    }
    for (; c < channels; c++) {
      let p = at + (c << 2);
      const shift = sumSingle(p, step, n) / <f32>n;
      let s: f32 = 0, q: f32 = 0;
      for (let i = n; i; i--) {
        const d = load<f32>(p) - shift;
        s += d;
        q += d * d;
        p += step;
      }
      mergeLane(out + (c << 3), stride, before, count, shift, s, q);
    }
  }
}

function mergeLane(at: usize, stride: usize, before: f64, n: f64, shift: f32, s: f32, q: f32): void {
  const offset = <f64>s / n;
  merge(at, stride, before, n, <f64>shift + offset, max(<f64>q - offset * <f64>s, 0));
}

/**
 * Merges the moments. Parameters: partials, tasks, channels, voxels, epsilon, mean f32, inverse deviation f32,
 * rest of the mean f32 (mean = mean + rest in twice the precision).
 */
export function finishMoments(params: usize, _task: usize, _scratch: usize): void {
  const partials = word(params, 0), tasks = word(params, 1), channels = word(params, 2), voxels = word(params, 3);
  const epsilon = <f64>real(params, 4);
  const stride = channels << 3;
  for (let c: usize = 0; c < channels; c++) {
    const at = partials + (c << 3);
    for (let t: usize = 1; t < tasks; t++) {
      const start = <usize>((<u64>voxels * t) / tasks), end = <usize>((<u64>voxels * (t + 1)) / tasks);
      const from = at + t * stride * 2;
      if (end > start) merge(at, stride, <f64>start, <f64>(end - start), load<f64>(from), load<f64>(from + stride));
    }
    const mean = load<f64>(at);
    store<f32>(word(params, 5) + (c << 2), <f32>mean);
    store<f32>(word(params, 6) + (c << 2), <f32>(1 / Math.sqrt(load<f64>(at + stride) / <f64>voxels + epsilon)));
    store<f32>(word(params, 7) + (c << 2), <f32>(mean - <f64>(<f32>mean)));
  }
}

/**
 * y = max(0, (x - mean) inverseDeviation gain + shift).
 *
 * Parameters: x, y, mean, rest, inverse deviation, gain, shift, voxels, channels, voxels per task. Task: a range of
 * voxels.
 */
export function normalizeRelu(params: usize, task: usize, _scratch: usize): void {
  const voxels = word(params, 7), channels = word(params, 8), perTask = word(params, 9);
  const step = channels << 2, chunk = chunkOf(channels);
  const whole = channels & ~3;
  const zero = f32x4.splat(0);
  const end = min(voxels, (task + 1) * perTask);
  for (let v = task * perTask; v < end; v += chunk) {
    const n = min(chunk, end - v);
    let c: usize = 0;
    for (; c < whole; c += 4) {
      const o = c << 2;
      let p = word(params, 0) + v * step + o, q = word(params, 1) + v * step + o;
      const mean = v128.load(word(params, 2) + o), rest = v128.load(word(params, 3) + o);
      const scale = f32x4.mul(v128.load(word(params, 4) + o), v128.load(word(params, 5) + o));
      const shift = f32x4.sub(v128.load(word(params, 6) + o), f32x4.mul(rest, scale));
      for (let i = n; i; i--) {
        v128.store(q, f32x4.max(zero, f32x4.add(f32x4.mul(f32x4.sub(v128.load(p), mean), scale), shift)));
        p += step;
        q += step;
      }
    }
    for (; c < channels; c++) {
      const o = c << 2;
      let p = word(params, 0) + v * step + o, q = word(params, 1) + v * step + o;
      const mean = load<f32>(word(params, 2) + o);
      const scale = load<f32>(word(params, 4) + o) * load<f32>(word(params, 5) + o);
      const shift = load<f32>(word(params, 6) + o) - load<f32>(word(params, 3) + o) * scale;
      for (let i = n; i; i--) {
        store<f32>(q, max(<f32>0, (load<f32>(p) - mean) * scale + shift));
        p += step;
        q += step;
      }
    }
  }
}

/**
 * Sums over a range of voxels of G = dy where y > 0, and of G x̂.
 *
 * Parameters: dy, x, mean, inverse deviation, gain, shift, partials f64 [tasks][2][channels], voxels, channels, tasks.
 */
export function normalizeReluSums(params: usize, task: usize, _scratch: usize): void {
  const voxels = word(params, 7), channels = word(params, 8), tasks = word(params, 9);
  const stride = channels << 3;
  const out = word(params, 6) + task * stride * 2;
  memory.fill(out, 0, stride * 2);
  const step = channels << 2, chunk = chunkOf(channels) >> 1 || 1;
  const whole = channels & ~3;
  const zero = f32x4.splat(0);
  const end = <usize>((<u64>voxels * (task + 1)) / tasks);
  for (let v = <usize>((<u64>voxels * task) / tasks); v < end; v += chunk) {
    const n = min(chunk, end - v);
    let c: usize = 0;
    for (; c < whole; c += 4) {
      const o = c << 2;
      let p = word(params, 0) + v * step + o, q = word(params, 1) + v * step + o;
      const mean = v128.load(word(params, 2) + o), inverse = v128.load(word(params, 3) + o);
      const gain = v128.load(word(params, 4) + o), shift = v128.load(word(params, 5) + o);
      let s = zero, t = zero, s2 = zero, t2 = zero;
      let i = n;
      for (; i >= 2; i -= 2) {
        const a = f32x4.mul(f32x4.sub(v128.load(q), mean), inverse);
        const b = f32x4.mul(f32x4.sub(v128.load(q + step), mean), inverse);
        const g = v128.and(v128.load(p), f32x4.gt(f32x4.add(f32x4.mul(a, gain), shift), zero));
        const h = v128.and(v128.load(p + step), f32x4.gt(f32x4.add(f32x4.mul(b, gain), shift), zero));
        s = f32x4.add(s, g);
        s2 = f32x4.add(s2, h);
        t = f32x4.add(t, f32x4.mul(g, a));
        t2 = f32x4.add(t2, f32x4.mul(h, b));
        p += step << 1;
        q += step << 1;
      }
      if (i) {
        const a = f32x4.mul(f32x4.sub(v128.load(q), mean), inverse);
        const g = v128.and(v128.load(p), f32x4.gt(f32x4.add(f32x4.mul(a, gain), shift), zero));
        s = f32x4.add(s, g);
        t = f32x4.add(t, f32x4.mul(g, a));
      }
      addLanes(out + (c << 3), f32x4.add(s, s2));
      addLanes(out + stride + (c << 3), f32x4.add(t, t2));
    }
    for (; c < channels; c++) {
      const o = c << 2;
      let p = word(params, 0) + v * step + o, q = word(params, 1) + v * step + o;
      const mean = load<f32>(word(params, 2) + o), inverse = load<f32>(word(params, 3) + o);
      const gain = load<f32>(word(params, 4) + o), shift = load<f32>(word(params, 5) + o);
      let s: f32 = 0, t: f32 = 0;
      for (let i = n; i; i--) {
        const a = (load<f32>(q) - mean) * inverse;
        if (a * gain + shift > 0) {
          const g = load<f32>(p);
          s += g;
          t += g * a;
        }
        p += step;
        q += step;
      }
      addTo(out + (c << 3), <f64>s);
      addTo(out + stride + (c << 3), <f64>t);
    }
  }
}

/**
 * dx = gain inverseDeviation (G - mean(G) - x̂ mean(G x̂)), with the sums already added.
 *
 * Parameters: dy, x, mean, inverse deviation, gain, shift, dx, sums of G f32, sums of G x̂ f32, voxels, channels,
 * voxels per task. Task: a range of voxels.
 */
export function normalizeReluBack(params: usize, task: usize, _scratch: usize): void {
  const voxels = word(params, 9), channels = word(params, 10), perTask = word(params, 11);
  const step = channels << 2, chunk = chunkOf(channels) >> 1 || 1;
  const whole = channels & ~3;
  const zero = f32x4.splat(0);
  const share: f32 = <f32>1 / <f32>voxels;
  const end = min(voxels, (task + 1) * perTask);
  for (let v = task * perTask; v < end; v += chunk) {
    const n = min(chunk, end - v), at = v * step;
    let c: usize = 0;
    for (; c < whole; c += 4) {
      const o = c << 2;
      let p = word(params, 0) + at + o, q = word(params, 1) + at + o, r = word(params, 6) + at + o;
      const mean = v128.load(word(params, 2) + o), inverse = v128.load(word(params, 3) + o);
      const gain = v128.load(word(params, 4) + o), shift = v128.load(word(params, 5) + o);
      const k = f32x4.mul(gain, inverse);
      const m = f32x4.mul(v128.load(word(params, 7) + o), f32x4.splat(share));
      const mx = f32x4.mul(v128.load(word(params, 8) + o), f32x4.splat(share));
      for (let i = n; i; i--) {
        const a = f32x4.mul(f32x4.sub(v128.load(q), mean), inverse);
        const g = v128.and(v128.load(p), f32x4.gt(f32x4.add(f32x4.mul(a, gain), shift), zero));
        v128.store(r, f32x4.mul(k, f32x4.sub(f32x4.sub(g, m), f32x4.mul(a, mx))));
        p += step;
        q += step;
        r += step;
      }
    }
    for (; c < channels; c++) {
      const o = c << 2;
      let p = word(params, 0) + at + o, q = word(params, 1) + at + o, r = word(params, 6) + at + o;
      const mean = load<f32>(word(params, 2) + o), inverse = load<f32>(word(params, 3) + o);
      const gain = load<f32>(word(params, 4) + o), shift = load<f32>(word(params, 5) + o);
      const m = load<f32>(word(params, 7) + o) * share, mx = load<f32>(word(params, 8) + o) * share;
      for (let i = n; i; i--) {
        const a = (load<f32>(q) - mean) * inverse;
        const g: f32 = a * gain + shift > 0 ? load<f32>(p) : 0;
        store<f32>(r, gain * inverse * (g - m - a * mx));
        p += step;
        q += step;
        r += step;
      }
    }
  }
}
