import { real, word } from "./simd";

// What an optimizer does to every value of a parameter. A task is a fixed range of values, a multiple of four.

/**
 * An update by AdamW.
 *
 * Parameters: weight, gradient, mean, square, next weight, next mean, next square, values, values per task, then as
 * floats beta1, 1 - beta1, beta2, 1 - beta2, rate, correction, epsilon, what is kept of the weight.
 */
export function adamw(params: usize, task: usize, _scratch: usize): void {
  const n = word(params, 7), perTask = word(params, 8);
  const beta1 = f32x4.splat(real(params, 9)), rest1 = f32x4.splat(real(params, 10));
  const beta2 = f32x4.splat(real(params, 11)), rest2 = f32x4.splat(real(params, 12));
  const rate = f32x4.splat(real(params, 13)), correction = f32x4.splat(real(params, 14));
  const epsilon = f32x4.splat(real(params, 15)), kept = f32x4.splat(real(params, 16));
  const end = min(n, (task + 1) * perTask);
  for (let i = task * perTask; i < end; i += 4) {
    const o = i << 2;
    const g = v128.load(word(params, 1) + o);
    const mean = f32x4.add(f32x4.mul(v128.load(word(params, 2) + o), beta1), f32x4.mul(g, rest1));
    const square = f32x4.add(f32x4.mul(v128.load(word(params, 3) + o), beta2), f32x4.mul(f32x4.mul(g, g), rest2));
    const deviation = f32x4.add(f32x4.sqrt(f32x4.div(square, correction)), epsilon);
    const change = f32x4.div(f32x4.mul(mean, rate), deviation);
    const weight = f32x4.sub(f32x4.mul(v128.load(word(params, 0) + o), kept), change);
    put(word(params, 4) + o, weight, end - i);
    put(word(params, 5) + o, mean, end - i);
    put(word(params, 6) + o, square, end - i);
  }
}

/** sum = a x + b y. Parameters: x, y, sum, values, values per task, then a and b as floats. The sum may be x or y. */
export function scaledSum(params: usize, task: usize, _scratch: usize): void {
  const x = word(params, 0), y = word(params, 1), sum = word(params, 2), n = word(params, 3), perTask = word(params, 4);
  const a = f32x4.splat(real(params, 5)), b = f32x4.splat(real(params, 6));
  const end = min(n, (task + 1) * perTask);
  for (let i = task * perTask; i < end; i += 4) {
    const o = i << 2;
    put(sum + o, f32x4.add(f32x4.mul(v128.load(x + o), a), f32x4.mul(v128.load(y + o), b)), end - i);
  }
}

/** Sum of squares of a range in doubles. Parameters: x, sums f64 [tasks], values, values per task. */
export function sumSquares(params: usize, task: usize, _scratch: usize): void {
  const x = word(params, 0), n = word(params, 2), perTask = word(params, 3);
  const end = min(n, (task + 1) * perTask);
  let even = f64x2.splat(0), odd = even;
  let i = task * perTask;
  for (; i + 4 <= end; i += 4) {
    const value = v128.load(x + (i << 2));
    const low = f64x2.promote_low_f32x4(value);
    const high = f64x2.promote_low_f32x4(i32x4.shuffle(value, value, 2, 3, 2, 3));
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  even = f64x2.add(even, odd);
  let sum = f64x2.extract_lane(even, 0) + f64x2.extract_lane(even, 1);
  for (; i < end; i++) {
    const value = <f64>load<f32>(x + (i << 2));
    sum += value * value;
  }
  store<f64>(word(params, 1) + (task << 3), sum);
}

/** Stores four values, or those that there are. */
// @ts-ignore: decorator
@inline
function put(to: usize, value: v128, left: usize): void {
  if (left >= 4) {
    v128.store(to, value);
    return;
  }
  store<f32>(to, f32x4.extract_lane(value, 0));
  if (left > 1) store<f32>(to + 4, f32x4.extract_lane(value, 1));
  if (left > 2) store<f32>(to + 8, f32x4.extract_lane(value, 2));
}
