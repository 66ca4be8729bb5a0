import type { TensorInfo } from "../runtime/backend.ts";
import type { Program } from "../runtime/program.ts";
import { register } from "../runtime/register.ts";
import { multiply } from "./matMul.ts";

/** Rows of the largest rotations: their matrices live in workgroup memory. */
const largest = 32;
const threads = 256;

export function registerRotations(): void {
  register("EnsamRotations", (backend, inputs) => {
    const { points, generators } = inputs as Record<"points" | "generators", TensorInfo>;
    const [count, size] = sizesOf(points, generators);
    const turns = backend.output([count, size, size]);
    backend.run(exponential, { points, generators, turns }, { count, size }, count);
    return turns;
  });
  register("EnsamRotationsGradient", (backend, inputs) => {
    const { dR, points, generators } = inputs as Record<"dR" | "points" | "generators", TensorInfo>;
    const [count, size] = sizesOf(points, generators);
    const cells = size * size;
    const dGenerators = backend.output([3, size, size]);
    backend.borrow(count * cells, (dExponents) => {
      backend.run(exponentialGradient, { dR, points, generators, dExponents }, { count, size }, count);
      // dGenerators[a] = Σ_n points[n, a] dExponents[n]
      multiply(backend, {
        a: { in: points, batchStride: 0, rowStride: 1, columnStride: 3 },
        b: { in: dExponents, batchStride: 0, rowStride: cells, columnStride: 1 },
        c: { in: dGenerators, batchStride: 0, rowStride: cells, columnStride: 1 },
        ...{ batch: 1, rows: 3, inner: count, columns: cells },
      });
    });
    return dGenerators;
  });
}

function sizesOf(points: TensorInfo, generators: TensorInfo): [count: number, size: number] {
  const size = generators.shape[1]!;
  if (size > largest) throw new Error(`rotations: on webgpu expected at most ${largest} rows, got ${size}`);
  return [points.shape[0]!, size];
}

/**
 * Numbers in fixed point with 42 bits behind the point, because the float32 of WGSL would lose 9 bits in as many
 * squarings:
 * `high` counts 2^-28, `low` (14 bits, not negative) counts 2^-42. All of ours are between -1 and 1.
 *
 * A product is computed from limbs of 14 bits, a = a0 2^-14 + a1 2^-28 + a2 2^-42, whose products fit into 32 bits.
 * Only integers are added, so no compiler may change the result.
 */
const fixedPoint = `
  const cells = ${largest * largest}u;
  const each = ${(largest * largest) / threads}u;
  const mask = 0x3fff;
  var<workgroup> powerHigh: array<i32, cells>;
  var<workgroup> powerLow: array<i32, cells>;
  var<workgroup> resultHigh: array<i32, cells>;
  var<workgroup> resultLow: array<i32, cells>;
  var<workgroup> sums: array<f32, ${threads}>;
  var<workgroup> squarings: u32;

  /** The upper 12 bits of a float's mantissa: the product of two such is exact. */
  fn upper(value: f32) -> f32 { return bitcast<f32>(bitcast<u32>(value) & 0xfffff000u); }
  fn powerOfTwo(exponent: i32) -> f32 { return bitcast<f32>(u32(127 + exponent) << 23u); }
  /** Adds a float to a fixed-point number that is not normalised. */
  fn addTo(sum: vec2i, value: f32, scale: f32) -> vec2i {
    let scaled = value * scale;
    let whole = floor(scaled);
    return sum + vec2i(i32(whole), i32(floor((scaled - whole) * 16384)));
  }
  fn normalised(sum: vec2i) -> vec2i { return vec2i(sum.x + (sum.y >> 14u), sum.y & mask); }
  fn toFloat(number: vec2i) -> f32 { return f32(number.x) * 0x1p-28 + f32(number.y) * 0x1p-42; }
  fn divided(number: vec2i, by: i32) -> vec2i {
    var high = number.x / by;
    var rest = number.x - high * by;
    if (rest < 0) { rest += by; high -= 1; }
    return vec2i(high, ((rest << 14u) + number.y) / by);
  }
  /** A sum of products in its limbs. */
  struct Sum { s0: i32, left: i32, right: i32, small: i32 }
  fn product(sum: Sum, a: vec2i, b: vec2i) -> Sum {
    let a0 = a.x >> 14u;
    let b0 = b.x >> 14u;
    let a1 = a.x & mask;
    let b1 = b.x & mask;
    return Sum(
      sum.s0 + a0 * b0,
      sum.left + a0 * b1,
      sum.right + a1 * b0,
      sum.small + ((a0 * b.y) >> 4u) + ((a.y * b0) >> 4u) + ((a1 * b1) >> 4u));
  }
  fn resultOf(sum: Sum) -> vec2i {
    let small = sum.small >> 10u;
    let low = (sum.left & mask) + (sum.right & mask) + (small & mask);
    return vec2i(sum.s0 + (sum.left >> 14u) + (sum.right >> 14u) + (small >> 14u) + (low >> 14u), low & mask);
  }
  fn powerAt(at: u32) -> vec2i { return vec2i(powerHigh[at], powerLow[at]); }
  fn resultAt(at: u32) -> vec2i { return vec2i(resultHigh[at], resultLow[at]); }`;

/** Degree of the Taylor polynomial; at a spectral norm of 1/4 it misses the exponential by (1/4)^9 / 9! = 1e-11. */
const degree = 8;

/**
 * The exponent Σ_a p_a (U_a - U_aᵀ), scaled down by 2^-squarings to a norm of at most 1/4, into `power`, and the
 * identity into `result`. The norm of a skew-symmetric matrix is at most its Frobenius norm / √2, that is the length of
 * its upper triangle; here that of the absolute terms, so that no sum on the way overflows.
 */
const scaledExponent = (sign: string) => `
  let item = group.y * groups.x + group.x;
  if (item >= p.count) { return; }
  var squares = 0.0;
  for (var cell = local; cell < p.size * p.size; cell += ${threads}u) {
    if (cell / p.size >= cell % p.size) { continue; }
    var size = 0.0;
    for (var a = 0u; a < 3u; a++) { size += abs(points[item * 3u + a] * generators[a * p.size * p.size + cell]); }
    squares += size * size;
  }
  sums[local] = squares;
  workgroupBarrier();
  for (var half = ${threads / 2}u; half > 0u; half /= 2u) {
    if (local < half) { sums[local] += sums[local + half]; }
    workgroupBarrier();
  }
  if (local == 0u) { squarings = u32(clamp(ceil(log2(sqrt(sums[0]) * 4) + 0.01), 0, 60)); }
  let rounds = workgroupUniformLoad(&squarings);
  let scale = powerOfTwo(28 - i32(rounds));
  for (var cell = local; cell < p.size * p.size; cell += ${threads}u) {
    let i = cell / p.size;
    let j = cell % p.size;
    let at = min(i, j) * p.size + max(i, j);
    var sum = vec2i();
    if (i != j) {
      for (var a = 0u; a < 3u; a++) {
        let point = ${sign}select(points[item * 3u + a], -points[item * 3u + a], i > j);
        let entry = generators[a * p.size * p.size + at];
        let pointUpper = upper(point);
        let entryUpper = upper(entry);
        sum = addTo(sum, pointUpper * entryUpper, scale);
        sum = addTo(sum, (point - pointUpper) * entryUpper, scale);
        sum = addTo(sum, pointUpper * (entry - entryUpper), scale);
        sum = addTo(sum, (point - pointUpper) * (entry - entryUpper), scale);
      }
    }
    sum = normalised(sum);
    powerHigh[cell] = sum.x;
    powerLow[cell] = sum.y;
    resultHigh[cell] = select(0, 1 << 28u, i == j);
    resultLow[cell] = 0;
  }
  workgroupBarrier();`;

/** Horner's rule: result = 1 + power · result / n. Then as many squarings. All threads wait for each other. */
const exponential: Program = {
  key: "rotations",
  reads: { points: "f32", generators: "f32" },
  writes: { turns: "f32" },
  parameters: { count: "u32", size: "u32" },
  threads,
  declarations: fixedPoint,
  body: `
    ${scaledExponent("")}
    var next: array<vec2i, each>;
    for (var n = 0u; n < ${degree}u + rounds; n++) {
      let isSeries = n < ${degree}u;
      for (var e = 0u; e < each; e++) {
        let cell = local + e * ${threads}u;
        if (cell >= p.size * p.size) { continue; }
        let line = cell / p.size * p.size;
        let column = cell % p.size;
        var sum = Sum();
        for (var k = 0u; k < p.size; k++) {
          var left: vec2i;
          if (isSeries) { left = powerAt(line + k); } else { left = resultAt(line + k); }
          sum = product(sum, left, resultAt(k * p.size + column));
        }
        next[e] = resultOf(sum);
        if (isSeries) {
          next[e] = divided(next[e], i32(${degree}u - n));
          if (column * (p.size + 1u) == cell) { next[e].x += 1 << 28u; }
        }
      }
      workgroupBarrier();
      for (var e = 0u; e < each; e++) {
        let cell = local + e * ${threads}u;
        if (cell < p.size * p.size) {
          resultHigh[cell] = next[e].x;
          resultLow[cell] = next[e].y;
        }
      }
      workgroupBarrier();
    }
    for (var cell = local; cell < p.size * p.size; cell += ${threads}u) {
      turns[item * p.size * p.size + cell] = toFloat(resultAt(cell));
    }`,
};

/**
 * The derivative of the exponential at the transposed exponent in the direction dR, carried along by the product rule,
 * and its skew-symmetric part above the diagonal. The direction's part is float32: its rounding does not grow.
 */
const exponentialGradient: Program = {
  key: "rotationsGradient",
  reads: { dR: "f32", points: "f32", generators: "f32" },
  writes: { dExponents: "f32" },
  parameters: { count: "u32", size: "u32" },
  threads,
  declarations: `${fixedPoint}
    var<workgroup> direction: array<f32, cells>;
    var<workgroup> rate: array<f32, cells>;`,
  body: `
    ${scaledExponent("-")}
    for (var cell = local; cell < p.size * p.size; cell += ${threads}u) {
      direction[cell] = dR[item * p.size * p.size + cell] * powerOfTwo(-i32(rounds));
      rate[cell] = 0;
    }
    workgroupBarrier();
    var next: array<vec2i, each>;
    var nextRate: array<f32, each>;
    for (var n = 0u; n < ${degree}u + rounds; n++) {
      let isSeries = n < ${degree}u;
      for (var e = 0u; e < each; e++) {
        let cell = local + e * ${threads}u;
        if (cell >= p.size * p.size) { continue; }
        let line = cell / p.size * p.size;
        let column = cell % p.size;
        var sum = Sum();
        var change = 0.0;
        for (var k = 0u; k < p.size; k++) {
          let right = resultAt(k * p.size + column);
          var left: vec2i;
          var leftRate: f32;
          if (isSeries) {
            left = powerAt(line + k);
            leftRate = direction[line + k];
          } else {
            left = resultAt(line + k);
            leftRate = rate[line + k];
          }
          sum = product(sum, left, right);
          change += toFloat(left) * rate[k * p.size + column] + leftRate * toFloat(right);
        }
        next[e] = resultOf(sum);
        if (isSeries) {
          let order = i32(${degree}u - n);
          next[e] = divided(next[e], order);
          if (column * (p.size + 1u) == cell) { next[e].x += 1 << 28u; }
          change /= f32(order);
        }
        nextRate[e] = change;
      }
      workgroupBarrier();
      for (var e = 0u; e < each; e++) {
        let cell = local + e * ${threads}u;
        if (cell < p.size * p.size) {
          resultHigh[cell] = next[e].x;
          resultLow[cell] = next[e].y;
          rate[cell] = nextRate[e];
        }
      }
      workgroupBarrier();
    }
    for (var cell = local; cell < p.size * p.size; cell += ${threads}u) {
      let i = cell / p.size;
      let j = cell % p.size;
      dExponents[item * p.size * p.size + cell] = select(0, rate[cell] - rate[j * p.size + i], i < j);
    }`,
};
