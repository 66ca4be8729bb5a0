import { madd64, word } from "./simd";

// exp of skew-symmetric matrices in doubles: scaling by a power of two to a norm of at most 1/2, a Taylor polynomial of
// degree 12 in Paterson-Stockmeyer form, squaring. Matrices lie dense with rows of `g` rounded up to an even number
// ("pitch"), the padding zero.

/** c = a b. Four rows of c by four columns at a time, the rest singly. */
function multiply(c: usize, a: usize, b: usize, g: usize, pitch: usize): void {
  const row = pitch << 3;
  let i: usize = 0;
  for (; i + 2 <= g; i += 2) {
    const a0 = a + i * row, a1 = a0 + row;
    let j: usize = 0;
    for (; j + 4 <= pitch; j += 4) {
      let s0 = f64x2.splat(0), s1 = s0, t0 = s0, t1 = s0;
      let p = b + (j << 3);
      for (let k: usize = 0; k < g << 3; k += 8) {
        const u = v128.load64_splat(a0 + k), v = v128.load64_splat(a1 + k);
        const b0 = v128.load(p), b1 = v128.load(p, 16);
        s0 = madd64(u, b0, s0);
        t0 = madd64(v, b0, t0);
        s1 = madd64(u, b1, s1);
        t1 = madd64(v, b1, t1);
        p += row;
      }
      const to = c + i * row + (j << 3);
      v128.store(to, s0), v128.store(to, s1, 16), v128.store(to + row, t0), v128.store(to + row, t1, 16);
    }
    for (; j < pitch; j += 2) {
      let s = f64x2.splat(0), t = s;
      let p = b + (j << 3);
      for (let k: usize = 0; k < g << 3; k += 8) {
        const b0 = v128.load(p);
        s = madd64(v128.load64_splat(a0 + k), b0, s);
        t = madd64(v128.load64_splat(a1 + k), b0, t);
        p += row;
      }
      const to = c + i * row + (j << 3);
      v128.store(to, s), v128.store(to + row, t);
    }
  }
  if (i < g) {
    for (let j: usize = 0; j < pitch; j += 2) {
      let s = f64x2.splat(0);
      let p = b + (j << 3);
      for (let k: usize = 0; k < g << 3; k += 8) {
        s = madd64(v128.load64_splat(a + i * row + k), v128.load(p), s);
        p += row;
      }
      v128.store(c + i * row + (j << 3), s);
    }
  }
}

/** y += a x over n doubles (even). */
function add(y: usize, a: f64, x: usize, n: usize): void {
  const v = f64x2.splat(a);
  for (let i: usize = 0; i < n << 3; i += 16) v128.store(y + i, madd64(v, v128.load(x + i), v128.load(y + i)));
}

function addDiagonal(y: usize, a: f64, g: usize, pitch: usize): void {
  for (let i: usize = 0; i < g; i++) {
    const at = y + ((i * pitch + i) << 3);
    store<f64>(at, load<f64>(at) + a);
  }
}

/** Σ p_a (U_a - U_aᵀ) of position n, times `sign`. */
function exponent(to: usize, points: usize, n: usize, generators: usize, g: usize, pitch: usize, sign: f64): void {
  memory.fill(to, 0, (g * pitch) << 3);
  const p = points + n * 12;
  const z = sign * <f64>load<f32>(p), y = sign * <f64>load<f32>(p, 4), x = sign * <f64>load<f32>(p, 8);
  const plane = (g * g) << 2;
  for (let i: usize = 0; i < g; i++) {
    for (let j = i + 1; j < g; j++) {
      const at = generators + ((i * g + j) << 2);
      const entry = z * <f64>load<f32>(at) + y * <f64>load<f32>(at + plane) + x * <f64>load<f32>(at + plane * 2);
      store<f64>(to + ((i * pitch + j) << 3), entry);
      store<f64>(to + ((j * pitch + i) << 3), -entry);
    }
  }
}

/** How often to halve so that the largest row sum is at most 1/2. */
function halvings(m: usize, g: usize, pitch: usize): i32 {
  let norm: f64 = 0;
  for (let i: usize = 0; i < g; i++) {
    let sum: f64 = 0;
    for (let j: usize = 0; j < g; j++) sum += abs(load<f64>(m + ((i * pitch + j) << 3)));
    norm = max(norm, sum);
  }
  let s = 0;
  for (; norm > 0.5 && s < 64; s++) norm *= 0.5;
  return s;
}

// 1/k! for the Taylor polynomial.
const c2: f64 = 1.0 / 2.0, c3: f64 = 1.0 / 6.0, c4: f64 = 1.0 / 24.0, c5: f64 = 1.0 / 120.0, c6: f64 = 1.0 / 720.0;
const c7: f64 = 1.0 / 5040.0, c8: f64 = 1.0 / 40320.0, c9: f64 = 1.0 / 362880.0, c10: f64 = 1.0 / 3628800.0;
const c11: f64 = 1.0 / 39916800.0, c12: f64 = 1.0 / 479001600.0;

/** to = a0 1 + a1 X + a2 X². */
function quadratic(to: usize, a0: f64, a1: f64, x: usize, a2: f64, x2: usize, g: usize, pitch: usize): void {
  const n = g * pitch;
  memory.fill(to, 0, n << 3);
  addDiagonal(to, a0, g, pitch);
  add(to, a1, x, n);
  add(to, a2, x2, n);
}

/** R of every position. Parameters: points, generators, R, positions, g, positions per task. Scratch: six matrices. */
export function rotate(params: usize, task: usize, scratch: usize): void {
  const g = word(params, 4), perTask = word(params, 5);
  const pitch = (g + 1) & ~1;
  const n = g * pitch, bytes = n << 3;
  const end = min(word(params, 3), (task + 1) * perTask);
  const m = scratch, x2 = m + bytes, x3 = x2 + bytes, q = x3 + bytes;
  let r = q + bytes, t = r + bytes;
  for (let i = task * perTask; i < end; i++) {
    exponent(m, word(params, 0), i, word(params, 1), g, pitch, 1);
    const s = halvings(m, g, pitch);
    scale(m, s, n);
    multiply(x2, m, m, g, pitch);
    multiply(x3, x2, m, g, pitch);
    // ((c12 X³ + c9 1 + c10 X + c11 X²) X³ + c6 1 + c7 X + c8 X²) X³ + ... by Horner in X³.
    quadratic(r, c9, c10, m, c11, x2, g, pitch);
    add(r, c12, x3, n);
    multiply(t, r, x3, g, pitch);
    quadratic(q, c6, c7, m, c8, x2, g, pitch);
    add(t, 1, q, n);
    multiply(r, t, x3, g, pitch);
    quadratic(q, c3, c4, m, c5, x2, g, pitch);
    add(r, 1, q, n);
    multiply(t, r, x3, g, pitch);
    quadratic(q, 1, 1, m, c2, x2, g, pitch);
    add(t, 1, q, n);
    for (let k = 0; k < s; k++) {
      multiply(r, t, t, g, pitch);
      const other = t;
      t = r;
      r = other;
    }
    const out = word(params, 2) + ((i * g * g) << 2);
    for (let a: usize = 0; a < g; a++) {
      for (let b: usize = 0; b < g; b++) store<f32>(out + ((a * g + b) << 2), <f32>load<f64>(t + ((a * pitch + b) << 3)));
    }
  }
}

function scale(m: usize, halvings: i32, n: usize): void {
  let by: f64 = 1;
  for (let k = 0; k < halvings; k++) by *= 0.5;
  const v = f64x2.splat(by);
  for (let i: usize = 0; i < n << 3; i += 16) v128.store(m + i, f64x2.mul(v, v128.load(m + i)));
}

/** to = a b + c d, with room for a product. */
function product2(to: usize, a: usize, b: usize, c: usize, d: usize, room: usize, g: usize, pitch: usize): void {
  multiply(to, a, b, g, pitch);
  multiply(room, c, d, g, pitch);
  add(to, 1, room, g * pitch);
}

/** to = a1 D + a2 D2, derivatives of X and X². */
function quadraticDerivative(to: usize, a1: f64, d: usize, a2: f64, d2: usize, n: usize): void {
  memory.fill(to, 0, n << 3);
  add(to, a1, d, n);
  add(to, a2, d2, n);
}

/**
 * Gradient of the generators: the adjoint of the derivative of exp at M is its derivative at Mᵀ = -M in the direction
 * dR, carried along with the exponential through polynomial and squarings.
 *
 * Parameters: dR, points, generators, partials f64 [tasks][3][g][g], positions, g, positions per task.
 * Scratch: twelve matrices.
 */
export function rotateGradient(params: usize, task: usize, scratch: usize): void {
  const g = word(params, 5), perTask = word(params, 6);
  const pitch = (g + 1) & ~1;
  const n = g * pitch, bytes = n << 3;
  const end = min(word(params, 4), (task + 1) * perTask);
  const sums = word(params, 3) + ((task * 3 * g * g) << 3);
  memory.fill(sums, 0, (3 * g * g) << 3);
  const m = scratch, x2 = m + bytes, x3 = x2 + bytes, q = x3 + bytes;
  const d = q + bytes, d2 = d + bytes, d3 = d2 + bytes, room = d3 + bytes;
  let r = room + bytes, t = r + bytes, dr = t + bytes, dt = dr + bytes;
  for (let i = task * perTask; i < end; i++) {
    exponent(m, word(params, 1), i, word(params, 2), g, pitch, -1);
    const s = halvings(m, g, pitch);
    scale(m, s, n);
    memory.fill(d, 0, bytes);
    const upstream = word(params, 0) + ((i * g * g) << 2);
    for (let a: usize = 0; a < g; a++) {
      for (let b: usize = 0; b < g; b++) store<f64>(d + ((a * pitch + b) << 3), <f64>load<f32>(upstream + ((a * g + b) << 2)));
    }
    scale(d, s, n);
    multiply(x2, m, m, g, pitch);
    product2(d2, m, d, d, m, room, g, pitch);
    multiply(x3, x2, m, g, pitch);
    product2(d3, x2, d, d2, m, room, g, pitch);

    quadratic(r, c9, c10, m, c11, x2, g, pitch);
    add(r, c12, x3, n);
    quadraticDerivative(dr, c10, d, c11, d2, n);
    add(dr, c12, d3, n);

    product2(dt, r, d3, dr, x3, room, g, pitch);
    multiply(t, r, x3, g, pitch);
    quadratic(q, c6, c7, m, c8, x2, g, pitch);
    add(t, 1, q, n);
    add(dt, c7, d, n);
    add(dt, c8, d2, n);

    product2(dr, t, d3, dt, x3, room, g, pitch);
    multiply(r, t, x3, g, pitch);
    quadratic(q, c3, c4, m, c5, x2, g, pitch);
    add(r, 1, q, n);
    add(dr, c4, d, n);
    add(dr, c5, d2, n);

    product2(dt, r, d3, dr, x3, room, g, pitch);
    multiply(t, r, x3, g, pitch);
    quadratic(q, 1, 1, m, c2, x2, g, pitch);
    add(t, 1, q, n);
    add(dt, 1, d, n);
    add(dt, c2, d2, n);
    for (let k = 0; k < s; k++) {
      product2(dr, t, dt, dt, t, room, g, pitch);
      multiply(r, t, t, g, pitch);
      let other = t;
      t = r;
      r = other;
      other = dt;
      dt = dr;
      dr = other;
    }
    addSkew(sums, word(params, 1) + i * 12, dt, g, pitch);
  }
}

/** Adds p_a (dM - dMᵀ) on the strict upper triangle of each axis' sum. */
function addSkew(sums: usize, point: usize, dm: usize, g: usize, pitch: usize): void {
  const plane = (g * g) << 3;
  const z = <f64>load<f32>(point), y = <f64>load<f32>(point, 4), x = <f64>load<f32>(point, 8);
  for (let a: usize = 0; a < g; a++) {
    for (let b = a + 1; b < g; b++) {
      const skew = load<f64>(dm + ((a * pitch + b) << 3)) - load<f64>(dm + ((b * pitch + a) << 3));
      const at = sums + ((a * g + b) << 3);
      store<f64>(at, load<f64>(at) + z * skew);
      store<f64>(at + plane, load<f64>(at + plane) + y * skew);
      store<f64>(at + plane * 2, load<f64>(at + plane * 2) + x * skew);
    }
  }
}
