import { expNegative, logistic } from "./functions";
import { real, word } from "./simd";

// One task is a range of floats.

// @ts-ignore: decorator
@inline
function firstOf(params: usize, task: usize): usize {
  return task * word(params, 4);
}

// @ts-ignore: decorator
@inline
function countOf(params: usize, task: usize): usize {
  return min(word(params, 4), word(params, 3) - task * word(params, 4));
}

/**
 * Parameters: a, b, y, n, floats per task, operation (0 add, 1 subtract, 2 multiply, 3 divide, 4 maximum, 5 minimum).
 */
export function binary(params: usize, task: usize, _scratch: usize): void {
  const offset = firstOf(params, task) << 2;
  const n = countOf(params, task);
  const a = word(params, 0) + offset, b = word(params, 1) + offset, y = word(params, 2) + offset;
  const operation = word(params, 5);
  const whole = (n & ~3) << 2, all = n << 2;
  let i: usize = 0;
  if (operation == 0) {
    for (; i < whole; i += 16) v128.store(y + i, f32x4.add(v128.load(a + i), v128.load(b + i)));
    for (; i < all; i += 4) store<f32>(y + i, load<f32>(a + i) + load<f32>(b + i));
  } else if (operation == 1) {
    for (; i < whole; i += 16) v128.store(y + i, f32x4.sub(v128.load(a + i), v128.load(b + i)));
    for (; i < all; i += 4) store<f32>(y + i, load<f32>(a + i) - load<f32>(b + i));
  } else if (operation == 2) {
    for (; i < whole; i += 16) v128.store(y + i, f32x4.mul(v128.load(a + i), v128.load(b + i)));
    for (; i < all; i += 4) store<f32>(y + i, load<f32>(a + i) * load<f32>(b + i));
  } else if (operation == 3) {
    for (; i < whole; i += 16) v128.store(y + i, f32x4.div(v128.load(a + i), v128.load(b + i)));
    for (; i < all; i += 4) store<f32>(y + i, load<f32>(a + i) / load<f32>(b + i));
  } else if (operation == 4) {
    for (; i < all; i += 4) store<f32>(y + i, max(load<f32>(a + i), load<f32>(b + i)));
  } else {
    for (; i < all; i += 4) store<f32>(y + i, min(load<f32>(a + i), load<f32>(b + i)));
  }
}

/**
 * The same with one operand repeated: `period` floats again and again (1 for a scalar).
 *
 * Parameters: a, b, y, n, floats per task (a multiple of the period), operation, period, whether a is the repeated one.
 */
export function binaryRepeated(params: usize, task: usize, _scratch: usize): void {
  const offset = firstOf(params, task) << 2;
  const n = countOf(params, task);
  const operation = word(params, 5), period = word(params, 6), swapped = word(params, 7);
  let y = word(params, 2) + offset;
  let x = (swapped ? word(params, 1) : word(params, 0)) + offset;
  const repeated = swapped ? word(params, 0) : word(params, 1);
  const end = y + (n << 2);
  if (period == 1) {
    const r = v128.load32_splat(repeated);
    const whole = y + ((n & ~3) << 2);
    for (; y < whole; y += 16, x += 16) {
      const v = v128.load(x);
      v128.store(y, vector(operation, swapped ? r : v, swapped ? v : r));
    }
    const s = load<f32>(repeated);
    for (; y < end; y += 4, x += 4) {
      const v = load<f32>(x);
      store<f32>(y, scalar(operation, swapped ? s : v, swapped ? v : s));
    }
    return;
  }
  const whole = (period & ~3) << 2, all = period << 2;
  while (y < end) {
    let i: usize = 0;
    for (; i < whole; i += 16) {
      const v = v128.load(x + i), r = v128.load(repeated + i);
      v128.store(y + i, vector(operation, swapped ? r : v, swapped ? v : r));
    }
    for (; i < all; i += 4) {
      const v = load<f32>(x + i), r = load<f32>(repeated + i);
      store<f32>(y + i, scalar(operation, swapped ? r : v, swapped ? v : r));
    }
    x += all;
    y += all;
  }
}

// @ts-ignore: decorator
@inline
function vector(operation: usize, a: v128, b: v128): v128 {
  if (operation == 0) return f32x4.add(a, b);
  if (operation == 1) return f32x4.sub(a, b);
  if (operation == 2) return f32x4.mul(a, b);
  if (operation == 3) return f32x4.div(a, b);
  if (operation == 4) return f32x4.max(a, b);
  return f32x4.min(a, b);
}

// @ts-ignore: decorator
@inline
function scalar(operation: usize, a: f32, b: f32): f32 {
  if (operation == 0) return a + b;
  if (operation == 1) return a - b;
  if (operation == 2) return a * b;
  if (operation == 3) return a / b;
  if (operation == 4) return max(a, b);
  return min(a, b);
}

/**
 * Parameters: x, (unused), y, n, floats per task, operation (0 relu, 1 square root, 2 square, 3 absolute value, 4
 * negative, 5 logistic function, 6 reciprocal square root, 7 exponential, 8 step of slope `alpha`), alpha.
 */
export function unary(params: usize, task: usize, _scratch: usize): void {
  const offset = firstOf(params, task) << 2;
  const n = countOf(params, task);
  const x = word(params, 0) + offset, y = word(params, 2) + offset;
  const operation = word(params, 5);
  const whole = (n & ~3) << 2, all = n << 2;
  const zero = f32x4.splat(0);
  let i: usize = 0;
  if (operation == 0) {
    for (; i < whole; i += 16) v128.store(y + i, f32x4.max(zero, v128.load(x + i)));
    for (; i < all; i += 4) store<f32>(y + i, max(<f32>0, load<f32>(x + i)));
  } else if (operation == 1) {
    for (; i < whole; i += 16) v128.store(y + i, f32x4.sqrt(v128.load(x + i)));
    for (; i < all; i += 4) store<f32>(y + i, sqrt(load<f32>(x + i)));
  } else if (operation == 2) {
    for (; i < whole; i += 16) {
      const v = v128.load(x + i);
      v128.store(y + i, f32x4.mul(v, v));
    }
    for (; i < all; i += 4) store<f32>(y + i, load<f32>(x + i) * load<f32>(x + i));
  } else if (operation == 3) {
    for (; i < whole; i += 16) v128.store(y + i, f32x4.abs(v128.load(x + i)));
    for (; i < all; i += 4) store<f32>(y + i, abs(load<f32>(x + i)));
  } else if (operation == 4) {
    for (; i < whole; i += 16) v128.store(y + i, f32x4.neg(v128.load(x + i)));
    for (; i < all; i += 4) store<f32>(y + i, -load<f32>(x + i));
  } else if (operation == 5) {
    for (; i < whole; i += 16) {
      const v = v128.load(x + i);
      v128.store(y + i, logistic(v, expNegative(f32x4.neg(f32x4.abs(v)))));
    }
    for (; i < all; i += 4) {
      const v = <f64>load<f32>(x + i), e = Math.exp(-abs(v));
      store<f32>(y + i, <f32>((v < 0 ? e : 1) / (1 + e)));
    }
  } else if (operation == 6) {
    for (; i < all; i += 4) store<f32>(y + i, 1 / sqrt(load<f32>(x + i)));
  } else if (operation == 7) {
    for (; i < all; i += 4) store<f32>(y + i, <f32>Math.exp(<f64>load<f32>(x + i)));
  } else {
    const alpha = real(params, 6);
    for (; i < all; i += 4) {
      const v = load<f32>(x + i);
      store<f32>(y + i, v > 0 ? 1 : v == v ? alpha : v);
    }
  }
}

/** y = value. Parameters: value, (unused), y, n, floats per task. */
export function fill(params: usize, task: usize, _scratch: usize): void {
  const y = word(params, 2) + (firstOf(params, task) << 2);
  const n = countOf(params, task);
  const value = f32x4.splat(real(params, 0));
  const whole = (n & ~3) << 2;
  let i: usize = 0;
  for (; i < whole; i += 16) v128.store(y + i, value);
  for (; i < n << 2; i += 4) store<f32>(y + i, real(params, 0));
}

/** y = x. Parameters: x, (unused), y, n, floats per task. */
export function copy(params: usize, task: usize, _scratch: usize): void {
  const offset = firstOf(params, task) << 2;
  memory.copy(word(params, 2) + offset, word(params, 0) + offset, countOf(params, task) << 2);
}

/** yᵀ of a matrix. Parameters: x [rows, columns], y, rows, columns, rows of y per task. Task: a range of rows of y. */
export function transpose(params: usize, task: usize, _scratch: usize): void {
  const x = word(params, 0), y = word(params, 1), rows = word(params, 2), columns = word(params, 3), perTask = word(params, 4);
  const end = min(columns, (task + 1) * perTask);
  for (let r: usize = 0; r < rows; r += 16) {
    const stop = min(rows, r + 16);
    for (let c = task * perTask; c < end; c++) {
      for (let i = r; i < stop; i++) store<f32>(y + ((c * rows + i) << 2), load<f32>(x + ((i * columns + c) << 2)));
    }
  }
}

/** The upper triangle of a square matrix onto its lower. Parameters: matrix, size, rows per task. Task: a range of rows. */
export function mirror(params: usize, task: usize, _scratch: usize): void {
  const x = word(params, 0), size = word(params, 1), perTask = word(params, 2);
  const end = min(size, (task + 1) * perTask);
  for (let r = task * perTask; r < end; r++) {
    for (let c: usize = 0; c < r; c++) store<f32>(x + ((r * size + c) << 2), load<f32>(x + ((c * size + r) << 2)));
  }
}
