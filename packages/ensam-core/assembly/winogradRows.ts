import { madd } from "./simd";

// Products at one of Winograd's points: y[t][0..4) = sum over c of x[t][c] w[c][0..4) for each tile t. With few
// channels the weights of a point stay in registers.

/** Four channels to four. */
export function fourToFour(x: usize, xStep: usize, w: usize, tiles: usize, y: usize, yStep: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
  for (; tiles; tiles--) {
    const a = madd(v128.load32_splat(x, 4), w1, f32x4.mul(v128.load32_splat(x), w0));
    const b = madd(v128.load32_splat(x, 12), w3, f32x4.mul(v128.load32_splat(x, 8), w2));
    v128.store(y, f32x4.add(a, b));
    x += xStep;
    y += yStep;
  }
}

/** Eight channels to four. */
export function eightToFour(x: usize, xStep: usize, w: usize, tiles: usize, y: usize, yStep: usize): void {
  const w0 = v128.load(w), w1 = v128.load(w, 16), w2 = v128.load(w, 32), w3 = v128.load(w, 48);
  const w4 = v128.load(w, 64), w5 = v128.load(w, 80), w6 = v128.load(w, 96), w7 = v128.load(w, 112);
  for (; tiles; tiles--) {
    let a = madd(v128.load32_splat(x, 4), w1, f32x4.mul(v128.load32_splat(x), w0));
    let b = madd(v128.load32_splat(x, 12), w3, f32x4.mul(v128.load32_splat(x, 8), w2));
    a = madd(v128.load32_splat(x, 20), w5, madd(v128.load32_splat(x, 16), w4, a));
    b = madd(v128.load32_splat(x, 28), w7, madd(v128.load32_splat(x, 24), w6, b));
    v128.store(y, f32x4.add(a, b));
    x += xStep;
    y += yStep;
  }
}
