/** a * b + c, fused where the relaxed build allows it. */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** The same for two doubles. */
// @ts-ignore: decorator
@inline
export function madd64(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f64x2.relaxed_madd(a, b, c);
  return f64x2.add(f64x2.mul(a, b), c);
}

/** Word `k` of a job's parameters as an address or a count. */
// @ts-ignore: decorator
@inline
export function word(params: usize, k: usize): usize {
  return <usize>load<u32>(params + (k << 2));
}

/** Word `k` of a job's parameters as a float. */
// @ts-ignore: decorator
@inline
export function real(params: usize, k: usize): f32 {
  return load<f32>(params + (k << 2));
}
