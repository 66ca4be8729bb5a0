import { madd } from "./simd";

// A row of outputs: y[v][0..T) = init[v][0..T) + sum over segments s and j of x_s[v * xStep + j] * w_s[j][0..T).
// `segments` holds pairs of addresses (x_s, w_s); `length` is the byte length of one segment's run of inputs.
// Tiles of about eight accumulators fit the registers of V8; the inner loops stay rolled on purpose.

/** Rows of 16 output channels, two voxels at a time. */
export function row16(
  segments: usize, count: usize, length: usize, xStep: usize, voxels: usize,
  init: usize, initStep: usize, y: usize, yStep: usize,
): void {
  const last = segments + (count << 3);
  let xAt: usize = 0;
  let left = voxels;
  while (left >= 2) {
    const second = init + initStep;
    let a0 = v128.load(init), a1 = v128.load(init, 16), a2 = v128.load(init, 32), a3 = v128.load(init, 48);
    let b0 = v128.load(second), b1 = v128.load(second, 16), b2 = v128.load(second, 32), b3 = v128.load(second, 48);
    for (let s = segments; s < last; s += 8) {
      let p = <usize>load<u32>(s) + xAt;
      let w = <usize>load<u32>(s, 4);
      const end = p + length;
      do {
        const u = v128.load32_splat(p);
        const t = v128.load32_splat(p + xStep);
        const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
        a0 = madd(u, w0, a0);
        b0 = madd(t, w0, b0);
        a1 = madd(u, w1, a1);
        b1 = madd(t, w1, b1);
        a2 = madd(u, w2, a2);
        b2 = madd(t, w2, b2);
        a3 = madd(u, w3, a3);
        b3 = madd(t, w3, b3);
        p += 4;
        w += 64;
      } while (p != end);
    }
    v128.store(y, a0), v128.store(y, a1, 16), v128.store(y, a2, 32), v128.store(y, a3, 48);
    const z = y + yStep;
    v128.store(z, b0), v128.store(z, b1, 16), v128.store(z, b2, 32), v128.store(z, b3, 48);
    init = second + initStep;
    y = z + yStep;
    xAt += xStep << 1;
    left -= 2;
  }
  if (left) {
    let a0 = v128.load(init), a1 = v128.load(init, 16), a2 = v128.load(init, 32), a3 = v128.load(init, 48);
    for (let s = segments; s < last; s += 8) {
      let p = <usize>load<u32>(s) + xAt;
      let w = <usize>load<u32>(s, 4);
      const end = p + length;
      do {
        const u = v128.load32_splat(p);
        a0 = madd(u, v128.load(w), a0);
        a1 = madd(u, v128.load(w, 16), a1);
        a2 = madd(u, v128.load(w, 32), a2);
        a3 = madd(u, v128.load(w, 48), a3);
        p += 4;
        w += 64;
      } while (p != end);
    }
    v128.store(y, a0), v128.store(y, a1, 16), v128.store(y, a2, 32), v128.store(y, a3, 48);
  }
}

/**
 * Rows of 8 outputs, four at a time. The second four of each are found `initHalf` and `yHalf` bytes behind the first:
 * 16 for eight channels of a voxel, a voxel's step for four channels of two neighbours.
 */
export function row8(
  segments: usize, count: usize, length: usize, xStep: usize, voxels: usize,
  init: usize, initStep: usize, initHalf: usize, y: usize, yStep: usize, yHalf: usize,
): void {
  const last = segments + (count << 3);
  let xAt: usize = 0;
  let left = voxels;
  while (left >= 4) {
    let i = init;
    let a0 = v128.load(i), a1 = v128.load(i + initHalf);
    i += initStep;
    let b0 = v128.load(i), b1 = v128.load(i + initHalf);
    i += initStep;
    let c0 = v128.load(i), c1 = v128.load(i + initHalf);
    i += initStep;
    let d0 = v128.load(i), d1 = v128.load(i + initHalf);
    init = i + initStep;
    for (let s = segments; s < last; s += 8) {
      let p = <usize>load<u32>(s) + xAt;
      let q = p + (xStep << 1);
      let w = <usize>load<u32>(s, 4);
      const end = p + length;
      do {
        const w0 = v128.load(w), w1 = v128.load(w, 16);
        const k = v128.load32_splat(p);
        a0 = madd(k, w0, a0);
        a1 = madd(k, w1, a1);
        const l = v128.load32_splat(p + xStep);
        b0 = madd(l, w0, b0);
        b1 = madd(l, w1, b1);
        const m = v128.load32_splat(q);
        c0 = madd(m, w0, c0);
        c1 = madd(m, w1, c1);
        const n = v128.load32_splat(q + xStep);
        d0 = madd(n, w0, d0);
        d1 = madd(n, w1, d1);
        p += 4;
        q += 4;
        w += 32;
      } while (p != end);
    }
    v128.store(y, a0), v128.store(y + yHalf, a1);
    y += yStep;
    v128.store(y, b0), v128.store(y + yHalf, b1);
    y += yStep;
    v128.store(y, c0), v128.store(y + yHalf, c1);
    y += yStep;
    v128.store(y, d0), v128.store(y + yHalf, d1);
    y += yStep;
    xAt += xStep << 2;
    left -= 4;
  }
  while (left) {
    let a0 = v128.load(init), a1 = v128.load(init + initHalf);
    for (let s = segments; s < last; s += 8) {
      let p = <usize>load<u32>(s) + xAt;
      let w = <usize>load<u32>(s, 4);
      const end = p + length;
      do {
        const k = v128.load32_splat(p);
        a0 = madd(k, v128.load(w), a0);
        a1 = madd(k, v128.load(w, 16), a1);
        p += 4;
        w += 32;
      } while (p != end);
    }
    v128.store(y, a0), v128.store(y + yHalf, a1);
    init += initStep;
    y += yStep;
    xAt += xStep;
    left--;
  }
}

/** Rows of 4 output channels, eight voxels at a time. */
export function row4(
  segments: usize, count: usize, length: usize, xStep: usize, voxels: usize,
  init: usize, initStep: usize, y: usize, yStep: usize,
): void {
  const last = segments + (count << 3);
  const two = xStep << 1;
  let xAt: usize = 0;
  let left = voxels;
  while (left >= 8) {
    let a = v128.load(init);
    init += initStep;
    let b = v128.load(init);
    init += initStep;
    let c = v128.load(init);
    init += initStep;
    let d = v128.load(init);
    init += initStep;
    let e = v128.load(init);
    init += initStep;
    let f = v128.load(init);
    init += initStep;
    let g = v128.load(init);
    init += initStep;
    let h = v128.load(init);
    init += initStep;
    for (let s = segments; s < last; s += 8) {
      let p = <usize>load<u32>(s) + xAt;
      let w = <usize>load<u32>(s, 4);
      const end = p + length;
      do {
        const w0 = v128.load(w);
        a = madd(v128.load32_splat(p), w0, a);
        b = madd(v128.load32_splat(p + xStep), w0, b);
        let q = p + two;
        c = madd(v128.load32_splat(q), w0, c);
        d = madd(v128.load32_splat(q + xStep), w0, d);
        q += two;
        e = madd(v128.load32_splat(q), w0, e);
        f = madd(v128.load32_splat(q + xStep), w0, f);
        q += two;
        g = madd(v128.load32_splat(q), w0, g);
        h = madd(v128.load32_splat(q + xStep), w0, h);
        p += 4;
        w += 16;
      } while (p != end);
    }
    v128.store(y, a);
    y += yStep;
    v128.store(y, b);
    y += yStep;
    v128.store(y, c);
    y += yStep;
    v128.store(y, d);
    y += yStep;
    v128.store(y, e);
    y += yStep;
    v128.store(y, f);
    y += yStep;
    v128.store(y, g);
    y += yStep;
    v128.store(y, h);
    y += yStep;
    xAt += xStep << 3;
    left -= 8;
  }
  while (left >= 2) {
    let a = v128.load(init);
    init += initStep;
    let b = v128.load(init);
    init += initStep;
    for (let s = segments; s < last; s += 8) {
      let p = <usize>load<u32>(s) + xAt;
      let w = <usize>load<u32>(s, 4);
      const end = p + length;
      do {
        const w0 = v128.load(w);
        a = madd(v128.load32_splat(p), w0, a);
        b = madd(v128.load32_splat(p + xStep), w0, b);
        p += 4;
        w += 16;
      } while (p != end);
    }
    v128.store(y, a);
    y += yStep;
    v128.store(y, b);
    y += yStep;
    xAt += two;
    left -= 2;
  }
  if (left) {
    let a = v128.load(init);
    for (let s = segments; s < last; s += 8) {
      let p = <usize>load<u32>(s) + xAt;
      let w = <usize>load<u32>(s, 4);
      const end = p + length;
      do {
        a = madd(v128.load32_splat(p), v128.load(w), a);
        p += 4;
        w += 16;
      } while (p != end);
    }
    v128.store(y, a);
  }
}
