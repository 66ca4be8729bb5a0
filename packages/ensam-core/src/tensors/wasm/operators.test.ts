import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Device } from "../devices/device.ts";
import { hasKernel } from "../kernels.ts";
import { attend } from "../ops/attend.ts";
import { channelRmsGelu } from "../ops/channelRmsGelu.ts";
import { diceCrossEntropy } from "../ops/diceCrossEntropy.ts";
import { instanceNormRelu } from "../ops/instanceNormRelu.ts";
import { linear } from "../ops/linear.ts";
import { rotations } from "../ops/rotations.ts";
import { scaleRotate } from "../ops/scaleRotate.ts";
import { stepOnSphere } from "../ops/stepOnSphere.ts";
import { unit } from "../ops/unit.ts";
import { upsample2 } from "../ops/upsample2.ts";
import { tf } from "../tf.ts";
import { openWasm } from "./openWasm.ts";
import { evaluate, evaluateOnCpu, type Given, given, type Op, relativeError } from "./testing/compareDevices.ts";

interface Tolerances {
  output: number;
  gradient: number;
}

/** Values and gradients of an operator on our device against the stock one. */
function expectSame(
  op: Op,
  inputs: readonly Given[],
  { output, gradient }: Tolerances = { output: 1e-5, gradient: 1e-4 },
) {
  const actual = evaluate(op, inputs, 99);
  const expected = evaluateOnCpu(op, inputs, 99);
  expect(relativeError(actual.output, expected.output), "output").toBeLessThan(output);
  actual.gradients.forEach((own, i) => {
    expect(relativeError(own, expected.gradients[i]!), `gradient ${i}`).toBeLessThan(gradient);
  });
}

const sizes = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 12 }));
const channels = fc.oneof(fc.integer({ min: 1, max: 9 }), fc.constantFrom(12, 16, 24, 33, 64));
const seeds = fc.integer({ min: 1, max: 1000 });
const tokens = fc.integer({ min: 1, max: 40 });

describe.each(["plain", "relaxed"] as const)("kernels of the %s build give what the composed forms give", (build) => {
  let device: Device;
  beforeAll(async () => {
    device = await openWasm({ threads: 2, build });
  });
  afterAll(() => device.dispose());

  test("instance norm and ReLU", () => {
    expect(hasKernel("EnsamInstanceNormRelu")).toBe(true);
    fc.assert(
      fc.property(sizes, channels, seeds, (size, c, seed) => {
        // Of one or two voxels nothing is left but rounding.
        fc.pre(size[0] * size[1] * size[2] > 2);
        expectSame(
          (x, gain, shift) => instanceNormRelu(x!, gain!, shift!),
          [given([1, ...size, c], seed, 2, 1), given([c], seed + 1, 0.3, 1), given([c], seed + 2, 0.5)],
        );
      }),
      { numRuns: 25 },
    );
  });

  test("instance norm of a map that takes several tasks", () => {
    expectSame(
      (x, gain, shift) => instanceNormRelu(x!, gain!, shift!),
      [given([1, 19, 18, 17, 20], 1, 2, 1), given([20], 2, 0.3, 1), given([20], 3, 0.5)],
    );
  });

  test("instance norm keeps a deviation of 1e-3 around a mean of 100", () => {
    const values = given([1, 7, 8, 9, 4], 5, 1e-3, 100);
    const y = evaluate(
      (x, gain, shift) => instanceNormRelu(x!, gain!, shift!),
      [values, given([4], 1, 0, 1), given([4], 1, 0)],
      1,
    );
    // In doubles, from the float32 values as they are.
    const ofChannel = Array.from(values.values).filter((_, i) => i % 4 === 0);
    const mean = ofChannel.reduce((a, b) => a + b, 0) / ofChannel.length;
    const variance = ofChannel.reduce((sum, x) => sum + (x - mean) ** 2, 0) / ofChannel.length;
    const expected = ofChannel.map((x) => Math.max(0, (x - mean) / Math.sqrt(variance + 1e-5)));
    const actual = y.output.filter((_, i) => i % 4 === 0);
    expect(relativeError(actual, Float32Array.from(expected))).toBeLessThan(1e-5);
  });

  test("upsampling", () => {
    fc.assert(
      fc.property(sizes, channels, seeds, (size, c, seed) =>
        expectSame((x) => upsample2(x!), [given([1, ...size, c], seed)]),
      ),
      { numRuns: 25 },
    );
  });

  test("channel RMS and GELU, in the tails too", () => {
    fc.assert(
      fc.property(sizes, channels, seeds, (size, c, seed) => {
        // Of a single channel only the sign is left; its gradient is rounding in the composed form.
        fc.pre(c > 1);
        expectSame((x) => channelRmsGelu(x!), [given([1, ...size, c], seed, 10 ** ((seed % 5) - 2))]);
      }),
      { numRuns: 25 },
    );
  });

  test("Dice and cross-entropy", () => {
    fc.assert(
      fc.property(sizes, seeds, (size, seed) => {
        const target = given([1, ...size, 1], seed + 1);
        target.values = target.values.map((value) => (value > 0 ? 1 : 0));
        const fixed = () => tf.tensor(target.values, target.shape);
        expectSame((logits) => tf.slice(diceCrossEntropy(logits!, fixed()), 0, 1), [given([1, ...size, 1], seed, 8)]);
      }),
      { numRuns: 25 },
    );
  });

  test("dense layers", () => {
    fc.assert(
      fc.property(tokens, channels, channels, seeds, (n, inner, outputs, seed) => {
        const inputs = [given([n, inner], seed), given([outputs, inner], seed + 1), given([outputs], seed + 2)];
        expectSame((x, weight, bias) => linear(x!, weight!, bias!), inputs);
      }),
      { numRuns: 30 },
    );
  });

  test("a dense layer of many rows", () => {
    const inputs = [given([5000, 20], 1), given([28, 20], 2), given([28], 3)];
    expectSame((x, weight, bias) => linear(x!, weight!, bias!), inputs);
  });

  test("unit vectors, the zero vector among them", () => {
    fc.assert(
      fc.property(tokens, channels, seeds, (n, c, seed) => {
        const x = given([n, c], seed);
        // Of a single channel only the sign is left; its gradient is rounding.
        fc.pre(c > 1);
        x.values.fill(0, 0, seed % 2 === 0 ? c : 0);
        expectSame((v) => unit(v!), [x]);
      }),
      { numRuns: 25 },
    );
  });

  test("steps on the sphere", () => {
    fc.assert(
      fc.property(tokens, fc.integer({ min: 2, max: 40 }), seeds, (n, c, seed) => {
        const inputs = [given([n, c], seed), given([n, c], seed + 1), given([c], seed + 2, 0.5)];
        expectSame((state, proposal, rate) => stepOnSphere(state!, proposal!, rate!), inputs);
      }),
      { numRuns: 25 },
    );
  });

  test("scaled and rotated queries", () => {
    fc.assert(
      fc.property(
        tokens,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 2, max: 33 }),
        seeds,
        (n, heads, g, seed) => {
          const inputs = [given([n, heads * g], seed), given([heads * g], seed + 1), given([n, g, g], seed + 2)];
          expectSame((x, scale, r) => scaleRotate(x!, scale!, r!, heads), inputs);
        },
      ),
      { numRuns: 25 },
    );
  });

  test("attention of few to many and of many to few", () => {
    fc.assert(
      fc.property(
        tokens,
        tokens,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 33 }),
        seeds,
        (na, nb, heads, d, seed) => {
          const inputs = [
            given([na, heads * d], seed, 0.5),
            given([nb, heads * d], seed + 1, 0.5),
            given([nb, heads * d], seed + 2),
          ];
          // Scores are multiplied by √d, and so is the rounding that the softmax and its gradient see.
          expectSame((q, k, v) => attend(q!, k!, v!, heads), inputs, { output: 3e-5, gradient: 4e-4 });
        },
      ),
      { numRuns: 25 },
    );
  });

  test("rotations within 1e-6, at the norms of the paper's generators", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 2, max: 33 }), seeds, (n, g, seed) => {
        const points = given([n, 3], seed, 0.4, 0.5);
        const fixed = () => tf.tensor(points.values, points.shape);
        const tolerances = { output: 1e-6, gradient: 1e-5 };
        expectSame((generators) => rotations(fixed(), generators!), [given([3, g, g], seed + 1, 2, 3)], tolerances);
      }),
      { numRuns: 12 },
    );
  });

  test("matrix products, transposed or not, in batches", () => {
    const lengths = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.constantFrom(33, 70));
    fc.assert(
      fc.property(
        lengths,
        lengths,
        lengths,
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.boolean(),
        (m, k, n, batch, ta, tb) => {
          const a = given(ta ? [batch, k, m] : [batch, m, k], 1);
          const b = given(tb ? [batch, n, k] : [batch, k, n], 2);
          expectSame((x, y) => tf.matMul(x!, y!, ta, tb), [a, b]);
        },
      ),
      { numRuns: 40 },
    );
  });

  test.each([
    ["of one shape", [3, 5, 7, 4], [3, 5, 7, 4]],
    ["with a scalar", [9, 33], []],
    ["with a vector along the last axis", [40, 7], [7]],
    ["with the last two axes", [6, 5, 8], [5, 8]],
    ["with a column, which the stock kernel does", [40, 7], [40, 1]],
  ])("sums, products and quotients %s", (_, shapeA, shapeB) => {
    // The gradients of maximum and minimum do not know broadcasting in TensorFlow.js.
    const still = (x: tf.Tensor) => tf.tensor(x.dataSync(), x.shape);
    const larger: typeof tf.add = (x, y) =>
      tf.add(tf.mul(tf.maximum(still(x as tf.Tensor), still(y as tf.Tensor)), x), y);
    const smaller: typeof tf.add = (x, y) =>
      tf.add(tf.mul(tf.minimum(still(x as tf.Tensor), still(y as tf.Tensor)), x), y);
    for (const op of [tf.add, tf.sub, tf.mul, tf.div, larger, smaller]) {
      const [a, b] = [given(shapeA, 1, 0.5, 3), given(shapeB, 2, 0.3, 2.5)];
      expectSame((x, y) => op(x!, y!), [a, b]);
      expectSame((x, y) => op(y!, x!), [a, b]);
    }
  });

  test("operands that take several tasks", () => {
    const [a, b, row] = [given([700, 100], 1), given([700, 100], 2), given([100], 3)];
    const [x, y, r] = [a, b, row].map(({ shape, values }) => tf.tensor(values, shape)) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    expect(tf.sub(x, y).dataSync()).toEqual(a.values.map((value, i) => value - b.values[i]!));
    expect(tf.mul(x, r).dataSync()).toEqual(a.values.map((value, i) => value * row.values[i % 100]!));
    expect(tf.sub(r, x).dataSync()).toEqual(a.values.map((value, i) => row.values[i % 100]! - value));
    expect(tf.sub(1, x).dataSync()).toEqual(a.values.map((value) => 1 - value));
    tf.dispose([x, y, r]);
  });

  test("functions of one tensor", () => {
    for (const op of [tf.relu, tf.square, tf.abs, tf.neg, tf.sigmoid, tf.exp])
      expectSame((x) => op(x!), [given([7, 31], 1)]);
    for (const op of [tf.sqrt, tf.rsqrt]) expectSame((x) => op(x!), [given([7, 31], 1, 0.1, 2)]);
    expectSame((x) => tf.transpose(x!), [given([37, 51], 1)]);
    expectSame((x, y) => tf.addN([x!, y!, x!]), [given([37, 51], 1), given([37, 51], 2)]);
  });

  test("sums over all, over the first axes and over the last", () => {
    for (const axis of [undefined, 0, [0, 1], 1, -1]) {
      expectSame((x) => tf.sum(x!, axis), [given([20, 30, 40], 1)]);
      expectSame((x) => tf.sum(x!, axis, true), [given([20, 30, 40], 1)]);
    }
  });
});
