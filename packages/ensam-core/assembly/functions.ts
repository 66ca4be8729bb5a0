// Functions of four floats at once.

/** e^x for x <= 0, to about 1e-7 of its value; 0 below -87. */
export function expNegative(x: v128): v128 {
  const clamped = f32x4.max(x, f32x4.splat(-87));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(1.4426950408889634)));
  // ln 2 in two parts, so that the rest keeps its digits.
  let r = f32x4.sub(clamped, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.add(r, f32x4.mul(n, f32x4.splat(2.12194440e-4)));
  let p = f32x4.splat(1.0 / 5040.0);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 720.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 120.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 24.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.0 / 6.0));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(0.5));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  // Not a number stays one: the comparison is false for it.
  return v128.andnot(f32x4.mul(p, power), f32x4.lt(x, f32x4.splat(-87)));
}

/** log(1 + e) for 0 <= e <= 1, to about 1e-7 of its value: 2 artanh(e / (2 + e)). */
export function log1p(e: v128): v128 {
  const s = f32x4.div(e, f32x4.add(e, f32x4.splat(2)));
  const q = f32x4.mul(s, s);
  let p = f32x4.splat(1.0 / 13.0);
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.0 / 11.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.0 / 9.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.0 / 7.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(0.2));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1.0 / 3.0));
  p = f32x4.add(f32x4.mul(p, q), f32x4.splat(1));
  return f32x4.mul(f32x4.add(s, s), p);
}

/** σ(z), given e = exp(-|z|). */
// @ts-ignore: decorator
@inline
export function logistic(z: v128, e: v128): v128 {
  const one = f32x4.splat(1);
  return f32x4.div(v128.bitselect(e, one, f32x4.lt(z, f32x4.splat(0))), f32x4.add(one, e));
}
