import { unitEpsilon } from "../src/tensors/constants";
import { lanes } from "./channels";
import { word } from "./simd";

// Small dense work on tokens [N][C]: unit vectors, steps on the sphere, rotated queries and keys, attention.

// @ts-ignore: decorator
@inline
function dot(p: usize, q: usize, n: usize): f32 {
  let s = f32x4.splat(0);
  const whole = (n & ~3) << 2;
  let i: usize = 0;
  for (; i < whole; i += 16) s = f32x4.add(s, f32x4.mul(v128.load(p + i), v128.load(q + i)));
  let sum = lanes(s);
  for (; i < n << 2; i += 4) sum += load<f32>(p + i) * load<f32>(q + i);
  return sum;
}

/** y += a x */
// @ts-ignore: decorator
@inline
function addScaled(y: usize, a: f32, x: usize, n: usize): void {
  const v = f32x4.splat(a);
  const whole = (n & ~3) << 2;
  let i: usize = 0;
  for (; i < whole; i += 16) v128.store(y + i, f32x4.add(v128.load(y + i), f32x4.mul(v, v128.load(x + i))));
  for (; i < n << 2; i += 4) store<f32>(y + i, load<f32>(y + i) + a * load<f32>(x + i));
}

const shortest: f32 = <f32>unitEpsilon;

/** y = x / max(|x|, 1e-6); returns the length. */
function unitInto(y: usize, x: usize, n: usize): f32 {
  const length = sqrt(dot(x, x, n));
  const by = max(length, shortest);
  for (let i: usize = 0; i < n << 2; i += 4) store<f32>(y + i, load<f32>(x + i) / by);
  return length;
}

/** dx = gradient through y = unit(x), given y, |x| and the gradient of y. dx may be dy. */
function unitBack(dx: usize, dy: usize, y: usize, length: f32, n: usize): void {
  if (length < shortest) {
    for (let i: usize = 0; i < n << 2; i += 4) store<f32>(dx + i, load<f32>(dy + i) / shortest);
    return;
  }
  const along = dot(dy, y, n);
  for (let i: usize = 0; i < n << 2; i += 4) {
    store<f32>(dx + i, (load<f32>(dy + i) - load<f32>(y + i) * along) / length);
  }
}

/** Parameters: x, y, rows, channels, rows per task. */
export function unit(params: usize, task: usize, _scratch: usize): void {
  const channels = word(params, 3), perTask = word(params, 4);
  const end = min(word(params, 2), (task + 1) * perTask);
  for (let r = task * perTask; r < end; r++) {
    const o = (r * channels) << 2;
    unitInto(word(params, 1) + o, word(params, 0) + o, channels);
  }
}

/** Parameters: dy, x, dx, rows, channels, rows per task. Scratch: a row. */
export function unitGradient(params: usize, task: usize, scratch: usize): void {
  const channels = word(params, 4), perTask = word(params, 5);
  const end = min(word(params, 3), (task + 1) * perTask);
  for (let r = task * perTask; r < end; r++) {
    const o = (r * channels) << 2;
    const length = unitInto(scratch, word(params, 1) + o, channels);
    unitBack(word(params, 2) + o, word(params, 0) + o, scratch, length, channels);
  }
}

/**
 * y = unit(state + |rate| (unit(proposal) - state)). Parameters: state, proposal, rate, y, rows, channels, rows per
 * task.
 */
export function stepOnSphere(params: usize, task: usize, scratch: usize): void {
  const rate = word(params, 2), channels = word(params, 5), perTask = word(params, 6);
  const end = min(word(params, 4), (task + 1) * perTask);
  for (let r = task * perTask; r < end; r++) {
    const o = (r * channels) << 2;
    moved(scratch, word(params, 0) + o, word(params, 1) + o, rate, channels);
    unitInto(word(params, 3) + o, scratch, channels);
  }
}

/** to = state + |rate| (unit(proposal) - state); the unit proposal is left behind it. Returns the proposal's length. */
function moved(to: usize, state: usize, proposal: usize, rate: usize, n: usize): f32 {
  const direction = to + (n << 2);
  const length = unitInto(direction, proposal, n);
  for (let i: usize = 0; i < n << 2; i += 4) {
    const s = load<f32>(state + i);
    store<f32>(to + i, s + abs(load<f32>(rate + i)) * (load<f32>(direction + i) - s));
  }
  return length;
}

/**
 * Parameters: dy, state, proposal, rate, dState, dProposal, partial dRate f64 [tasks][channels], rows, channels, rows
 * per task. Scratch: four rows.
 */
export function stepOnSphereGradient(params: usize, task: usize, scratch: usize): void {
  const rate = word(params, 3), channels = word(params, 8), perTask = word(params, 9);
  const end = min(word(params, 7), (task + 1) * perTask);
  const bytes = channels << 2;
  const direction = scratch + bytes, y = direction + bytes, g = y + bytes;
  const dRate = word(params, 6) + ((task * channels) << 3);
  memory.fill(dRate, 0, channels << 3);
  for (let r = task * perTask; r < end; r++) {
    const o = r * bytes;
    const state = word(params, 1) + o, dState = word(params, 4) + o, dProposal = word(params, 5) + o;
    const proposed = moved(scratch, state, word(params, 2) + o, rate, channels);
    const length = unitInto(y, scratch, channels);
    unitBack(g, word(params, 0) + o, y, length, channels);
    for (let i: usize = 0; i < bytes; i += 4) {
      const raw = load<f32>(rate + i), a = abs(raw), grad = load<f32>(g + i);
      store<f32>(dState + i, grad * (1 - a));
      store<f32>(dProposal + i, grad * a);
      const sign: f32 = raw > 0 ? 1 : raw < 0 ? -1 : 0;
      const at = dRate + (i << 1);
      store<f64>(at, load<f64>(at) + <f64>(grad * sign * (load<f32>(direction + i) - load<f32>(state + i))));
    }
    unitBack(dProposal, dProposal, direction, proposed, channels);
  }
}

/**
 * y[n, h] = R_n (scale_h unit(x[n, h])). Parameters: x, scale, rotations, y, rows, heads, size, rows per task. Scratch:
 * a head.
 */
export function scaleRotate(params: usize, task: usize, scratch: usize): void {
  const scale = word(params, 1), heads = word(params, 5), size = word(params, 6), perTask = word(params, 7);
  const end = min(word(params, 4), (task + 1) * perTask);
  const bytes = size << 2;
  for (let r = task * perTask; r < end; r++) {
    const rotation = word(params, 2) + r * size * bytes;
    for (let h: usize = 0; h < heads; h++) {
      const o = (r * heads + h) * bytes;
      unitInto(scratch, word(params, 0) + o, size);
      for (let i: usize = 0; i < bytes; i += 4) store<f32>(scratch + i, load<f32>(scratch + i) * load<f32>(scale + h * bytes + i));
      let row = rotation;
      for (let i: usize = 0; i < bytes; i += 4) {
        store<f32>(word(params, 3) + o + i, dot(row, scratch, size));
        row += bytes;
      }
    }
  }
}

/**
 * Parameters: dy, x, scale, rotations, dx, partial dScale f64 [tasks][heads size], dRotations, rows, heads, size, rows
 * per task. Scratch: three heads.
 */
export function scaleRotateGradient(params: usize, task: usize, scratch: usize): void {
  const scale = word(params, 2), heads = word(params, 8), size = word(params, 9), perTask = word(params, 10);
  const end = min(word(params, 7), (task + 1) * perTask);
  const bytes = size << 2;
  const v = scratch + bytes, dv = v + bytes;
  const dScale = word(params, 5) + ((task * heads * size) << 3);
  memory.fill(dScale, 0, (heads * size) << 3);
  for (let r = task * perTask; r < end; r++) {
    const rotation = word(params, 3) + r * size * bytes, dRotation = word(params, 6) + r * size * bytes;
    memory.fill(dRotation, 0, size * bytes);
    for (let h: usize = 0; h < heads; h++) {
      const o = (r * heads + h) * bytes;
      const dy = word(params, 0) + o, s = scale + h * bytes;
      const length = unitInto(scratch, word(params, 1) + o, size);
      for (let i: usize = 0; i < bytes; i += 4) store<f32>(v + i, load<f32>(scratch + i) * load<f32>(s + i));
      memory.fill(dv, 0, bytes);
      for (let i: usize = 0; i < size; i++) {
        const g = load<f32>(dy + (i << 2));
        addScaled(dv, g, rotation + i * bytes, size);
        addScaled(dRotation + i * bytes, g, v, size);
      }
      for (let i: usize = 0; i < bytes; i += 4) {
        const g = load<f32>(dv + i), at = dScale + ((h * bytes + i) << 1);
        store<f64>(at, load<f64>(at) + <f64>(g * load<f32>(scratch + i)));
        store<f32>(dv + i, g * load<f32>(s + i));
      }
      unitBack(word(params, 4) + o, dv, scratch, length, size);
    }
  }
}

/**
 * Weights softmax(√d q k) and y = weights v, a (head, query) at a time.
 *
 * Parameters: q [Na][C], k [Nb][C], v [Nb][C], y, weights [heads][Na][Nb], Na, Nb, heads, size, (head, query) pairs per
 * task.
 */
export function attention(params: usize, task: usize, _scratch: usize): void {
  const queries = word(params, 5), keys = word(params, 6), heads = word(params, 7), size = word(params, 8), perTask = word(params, 9);
  const step = (heads * size) << 2;
  const end = min(queries * heads, (task + 1) * perTask);
  const root = sqrt(<f32>size);
  for (let pair = task * perTask; pair < end; pair++) {
    const h = pair / queries, i = pair % queries;
    const head = (h * size) << 2;
    const q = word(params, 0) + i * step + head, y = word(params, 3) + i * step + head;
    const w = word(params, 4) + ((pair * keys) << 2);
    let k = word(params, 1) + head;
    let top: f32 = -Infinity;
    for (let j: usize = 0; j < keys; j++) {
      const score = root * dot(q, k, size);
      store<f32>(w + (j << 2), score);
      top = max(top, score);
      k += step;
    }
    let sum: f64 = 0;
    for (let j: usize = 0; j < keys; j++) {
      const e = Math.exp(<f64>(load<f32>(w + (j << 2)) - top));
      sum += e;
      store<f32>(w + (j << 2), <f32>e);
    }
    const share = <f32>(1 / sum);
    let v = word(params, 2) + head;
    memory.fill(y, 0, size << 2);
    for (let j: usize = 0; j < keys; j++) {
      const weight = load<f32>(w + (j << 2)) * share;
      store<f32>(w + (j << 2), weight);
      addScaled(y, weight, v, size);
      v += step;
    }
  }
}

/**
 * Gradient of the scores (scaled by √d) and of the queries.
 *
 * Parameters: dy, k, v, weights, dScores [heads][Na][Nb], dq, Na, Nb, heads, size, (head, query) pairs per task.
 */
export function attentionQueries(params: usize, task: usize, _scratch: usize): void {
  const queries = word(params, 6), keys = word(params, 7), heads = word(params, 8), size = word(params, 9), perTask = word(params, 10);
  const step = (heads * size) << 2;
  const end = min(queries * heads, (task + 1) * perTask);
  const root = sqrt(<f32>size);
  for (let pair = task * perTask; pair < end; pair++) {
    const h = pair / queries, i = pair % queries;
    const head = (h * size) << 2;
    const dy = word(params, 0) + i * step + head, dq = word(params, 5) + i * step + head;
    const w = word(params, 3) + ((pair * keys) << 2), ds = word(params, 4) + ((pair * keys) << 2);
    let v = word(params, 2) + head;
    let mean: f64 = 0;
    for (let j: usize = 0; j < keys; j++) {
      const g = dot(dy, v, size);
      store<f32>(ds + (j << 2), g);
      mean += <f64>(g * load<f32>(w + (j << 2)));
      v += step;
    }
    let k = word(params, 1) + head;
    memory.fill(dq, 0, size << 2);
    for (let j: usize = 0; j < keys; j++) {
      const g = root * load<f32>(w + (j << 2)) * (load<f32>(ds + (j << 2)) - <f32>mean);
      store<f32>(ds + (j << 2), g);
      addScaled(dq, g, k, size);
      k += step;
    }
  }
}

/** Parameters: dy, q, weights, dScores, dk, dv, Na, Nb, heads, size, (head, key) pairs per task. */
export function attentionKeys(params: usize, task: usize, _scratch: usize): void {
  const queries = word(params, 6), keys = word(params, 7), heads = word(params, 8), size = word(params, 9), perTask = word(params, 10);
  const step = (heads * size) << 2;
  const end = min(keys * heads, (task + 1) * perTask);
  for (let pair = task * perTask; pair < end; pair++) {
    const h = pair / keys, j = pair % keys;
    const head = (h * size) << 2;
    const dk = word(params, 4) + j * step + head, dv = word(params, 5) + j * step + head;
    memory.fill(dk, 0, size << 2);
    memory.fill(dv, 0, size << 2);
    let at = (h * queries * keys + j) << 2;
    let dy = word(params, 0) + head, q = word(params, 1) + head;
    for (let i: usize = 0; i < queries; i++) {
      addScaled(dk, load<f32>(word(params, 3) + at), q, size);
      addScaled(dv, load<f32>(word(params, 2) + at), dy, size);
      at += keys << 2;
      q += step;
      dy += step;
    }
  }
}
