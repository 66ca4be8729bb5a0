import { madd } from "./simd";

// Filter gradients of a block of rows: acc[j][t] += sum over rows r and voxels v of x[r * xRow + v * xStep + j] *
// dy[r][v][t] for j < length and t < T. `dy` is packed [rows][voxels][T]. A tile of acc stays in registers while the
// block runs by.

/** T = 16; acc is [length][16]. */
export function gradient16(
  x: usize, xStep: usize, xRow: usize, dy: usize, voxels: usize, rows: usize, length: usize, acc: usize,
): void {
  const rowBytes = voxels << 6;
  let j: usize = 0;
  for (; j + 2 <= length; j += 2) {
    let a0 = v128.load(acc), a1 = v128.load(acc, 16), a2 = v128.load(acc, 32), a3 = v128.load(acc, 48);
    let b0 = v128.load(acc, 64), b1 = v128.load(acc, 80), b2 = v128.load(acc, 96), b3 = v128.load(acc, 112);
    let g = dy;
    for (let r: usize = 0, xr = x; r < rows; r++, xr += xRow) {
      let p = xr;
      const end = g + rowBytes;
      do {
        const u = v128.load32_splat(p);
        const t = v128.load32_splat(p, 4);
        const g0 = v128.load(g), g1 = v128.load(g, 16), g2 = v128.load(g, 32), g3 = v128.load(g, 48);
        a0 = madd(u, g0, a0);
        b0 = madd(t, g0, b0);
        a1 = madd(u, g1, a1);
        b1 = madd(t, g1, b1);
        a2 = madd(u, g2, a2);
        b2 = madd(t, g2, b2);
        a3 = madd(u, g3, a3);
        b3 = madd(t, g3, b3);
        p += xStep;
        g += 64;
      } while (g != end);
    }
    v128.store(acc, a0), v128.store(acc, a1, 16), v128.store(acc, a2, 32), v128.store(acc, a3, 48);
    v128.store(acc, b0, 64), v128.store(acc, b1, 80), v128.store(acc, b2, 96), v128.store(acc, b3, 112);
    acc += 128;
    x += 8;
  }
  if (j < length) {
    let a0 = v128.load(acc), a1 = v128.load(acc, 16), a2 = v128.load(acc, 32), a3 = v128.load(acc, 48);
    let g = dy;
    for (let r: usize = 0, xr = x; r < rows; r++, xr += xRow) {
      let p = xr;
      const end = g + rowBytes;
      do {
        const u = v128.load32_splat(p);
        a0 = madd(u, v128.load(g), a0);
        a1 = madd(u, v128.load(g, 16), a1);
        a2 = madd(u, v128.load(g, 32), a2);
        a3 = madd(u, v128.load(g, 48), a3);
        p += xStep;
        g += 64;
      } while (g != end);
    }
    v128.store(acc, a0), v128.store(acc, a1, 16), v128.store(acc, a2, 32), v128.store(acc, a3, 48);
  }
}

/** T = 8; acc is [length][8]. */
export function gradient8(
  x: usize, xStep: usize, xRow: usize, dy: usize, voxels: usize, rows: usize, length: usize, acc: usize,
): void {
  const rowBytes = voxels << 5;
  let j: usize = 0;
  for (; j + 4 <= length; j += 4) {
    let a0 = v128.load(acc), a1 = v128.load(acc, 16), b0 = v128.load(acc, 32), b1 = v128.load(acc, 48);
    let c0 = v128.load(acc, 64), c1 = v128.load(acc, 80), d0 = v128.load(acc, 96), d1 = v128.load(acc, 112);
    let g = dy;
    for (let r: usize = 0, xr = x; r < rows; r++, xr += xRow) {
      let p = xr;
      const end = g + rowBytes;
      do {
        const g0 = v128.load(g), g1 = v128.load(g, 16);
        const k = v128.load32_splat(p);
        a0 = madd(k, g0, a0);
        a1 = madd(k, g1, a1);
        const l = v128.load32_splat(p, 4);
        b0 = madd(l, g0, b0);
        b1 = madd(l, g1, b1);
        const m = v128.load32_splat(p, 8);
        c0 = madd(m, g0, c0);
        c1 = madd(m, g1, c1);
        const n = v128.load32_splat(p, 12);
        d0 = madd(n, g0, d0);
        d1 = madd(n, g1, d1);
        p += xStep;
        g += 32;
      } while (g != end);
    }
    v128.store(acc, a0), v128.store(acc, a1, 16), v128.store(acc, b0, 32), v128.store(acc, b1, 48);
    v128.store(acc, c0, 64), v128.store(acc, c1, 80), v128.store(acc, d0, 96), v128.store(acc, d1, 112);
    acc += 128;
    x += 16;
  }
  for (; j < length; j++) {
    let a0 = v128.load(acc), a1 = v128.load(acc, 16);
    let g = dy;
    for (let r: usize = 0, xr = x; r < rows; r++, xr += xRow) {
      let p = xr;
      const end = g + rowBytes;
      do {
        const k = v128.load32_splat(p);
        a0 = madd(k, v128.load(g), a0);
        a1 = madd(k, v128.load(g, 16), a1);
        p += xStep;
        g += 32;
      } while (g != end);
    }
    v128.store(acc, a0), v128.store(acc, a1, 16);
    acc += 32;
    x += 4;
  }
}

/**
 * T = 4, lanes along the inputs: acc is [ceil(length / 8)][4][8]. Reads up to seven floats behind the last input of a
 * voxel; what they give is never used.
 */
export function gradient4(
  x: usize, xStep: usize, xRow: usize, dy: usize, voxels: usize, rows: usize, length: usize, acc: usize,
): void {
  const rowBytes = voxels << 4;
  for (let j: usize = 0; j < length; j += 8) {
    let a0 = v128.load(acc), a1 = v128.load(acc, 16), b0 = v128.load(acc, 32), b1 = v128.load(acc, 48);
    let c0 = v128.load(acc, 64), c1 = v128.load(acc, 80), d0 = v128.load(acc, 96), d1 = v128.load(acc, 112);
    let g = dy;
    for (let r: usize = 0, xr = x; r < rows; r++, xr += xRow) {
      let p = xr;
      const end = g + rowBytes;
      do {
        const x0 = v128.load(p), x1 = v128.load(p, 16);
        const k = v128.load32_splat(g);
        a0 = madd(k, x0, a0);
        a1 = madd(k, x1, a1);
        const l = v128.load32_splat(g, 4);
        b0 = madd(l, x0, b0);
        b1 = madd(l, x1, b1);
        const m = v128.load32_splat(g, 8);
        c0 = madd(m, x0, c0);
        c1 = madd(m, x1, c1);
        const n = v128.load32_splat(g, 12);
        d0 = madd(n, x0, d0);
        d1 = madd(n, x1, d1);
        p += xStep;
        g += 16;
      } while (g != end);
    }
    v128.store(acc, a0), v128.store(acc, a1, 16), v128.store(acc, b0, 32), v128.store(acc, b1, 48);
    v128.store(acc, c0, 64), v128.store(acc, c1, 80), v128.store(acc, d0, 96), v128.store(acc, d1, 112);
    acc += 128;
    x += 32;
  }
}
