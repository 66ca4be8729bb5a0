import fc from "fast-check";
import { expect, test } from "vitest";
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
import { operatorCases } from "../testing/operatorCases.ts";
import { tf } from "../tf.ts";
import { differences, expectSame, given, valuesOf } from "./testing/compare.ts";
import { describeOnWebgpu } from "./testing/software.ts";

const seeds = fc.integer({ min: 1, max: 1e6 });
const counts = fc.integer({ min: 1, max: 40 });
const sides = fc.integer({ min: 1, max: 6 });
const channels = fc.constantFrom(1, 2, 4, 6, 8, 20);

/** Fixed: where a ReLU stands on its edge, the devices' rounding decides. */
const seed = 1;

await describeOnWebgpu("operators", () => {
  test.each(operatorCases)("$name: value and gradients are those of the composed form", async (operatorCase) => {
    tf.setBackend("cpu");
    const tensors = operatorCase.inputs();
    const inputs = tensors.map((tensor) => ({ shape: tensor.shape, values: tensor.dataSync() as Float32Array }));
    tf.dispose(tensors);
    tf.setBackend("webgpu");
    await expectSame((...tensors) => operatorCase.operator(...tensors), inputs);
  });

  test("instance normalisation of any size, of values far from zero too", async () => {
    await fc.assert(
      fc.asyncProperty(sides, sides, sides, channels, seeds, fc.boolean(), async (z, y, x, c, seed, isFar) => {
        const map = isFar ? given([1, z, y, x, c], seed, 1e-2, 100) : given([1, z, y, x, c], seed, 2, 1);
        const inputs = [map, given([c], seed + 1), given([c], seed + 2)];
        await expectSame((v, gain, shift) => instanceNormRelu(v!, gain!, shift!), inputs);
      }),
      { numRuns: 20, seed },
    );
  });

  test.each([1, 6, 20])("instance normalisation over several slabs, %i channels", async (c) => {
    const inputs = [given([1, 17, 24, 31, c], 1, 3, 5), given([c], 2), given([c], 3)];
    await expectSame((v, gain, shift) => instanceNormRelu(v!, gain!, shift!), inputs);
  });

  test("upsampling, channel RMS with GELU", async () => {
    await fc.assert(
      fc.asyncProperty(sides, sides, sides, channels, seeds, async (z, y, x, c, seed) => {
        await expectSame((v) => upsample2(v!), [given([1, z, y, x, c], seed)]);
        // Of a single channel only the sign is left; its gradient is rounding.
        if (c > 1) await expectSame((v) => channelRmsGelu(v!), [given([1, z, y, x, c], seed)]);
      }),
      { numRuns: 15, seed },
    );
  });

  test.each([2, 500, 200_000])("the loss of %i voxels", async (voxels) => {
    const target = given([voxels], 9).values.map((value) => (value > 0.5 ? 1 : 0));
    const total = (logits: tf.Tensor) =>
      tf.tidy(() => tf.slice(diceCrossEntropy(logits, tf.tensor1d(target)), [0], [1]));
    await expectSame((logits) => total(logits!), [given([voxels], 1, 5)], { output: 1e-4 });
  });

  test("dense layers", async () => {
    await fc.assert(
      fc.asyncProperty(counts, counts, counts, seeds, (n, inner, outputs, seed) => {
        const inputs = [given([n, inner], seed), given([outputs, inner], seed + 1), given([outputs], seed + 2)];
        return expectSame((x, weight, bias) => linear(x!, weight!, bias!), inputs);
      }),
      { numRuns: 15, seed },
    );
  });

  test("unit vectors, the zero vector among them, and steps on the sphere", async () => {
    await fc.assert(
      fc.asyncProperty(counts, fc.integer({ min: 2, max: 140 }), seeds, async (n, c, seed) => {
        const x = given([n, c], seed);
        x.values.fill(0, 0, seed % 2 === 0 ? c : 0);
        await expectSame((v) => unit(v!), [x]);
        const inputs = [given([n, c], seed), given([n, c], seed + 1), given([c], seed + 2, 0.5)];
        await expectSame((state, proposal, rate) => stepOnSphere(state!, proposal!, rate!), inputs);
      }),
      { numRuns: 15, seed },
    );
  });

  test.each([
    [9, 4, 32],
    [40, 3, 5],
  ])("scaled and rotated queries: %i tokens, %i heads of %i channels", async (n, heads, g) => {
    const inputs = [given([n, heads * g], 1), given([heads * g], 2), given([n, g, g], 3)];
    await expectSame((x, scale, turns) => scaleRotate(x!, scale!, turns!, heads), inputs);
  });

  test.each([
    [7, 900, 4, 16],
    [900, 7, 4, 16],
    [3, 5, 2, 33],
  ])("attention of %i to %i tokens, %i heads of %i channels", async (queries, keys, heads, size) => {
    const inputs = [
      given([queries, heads * size], 1, 0.5),
      given([keys, heads * size], 2, 0.5),
      given([keys, heads * size], 3),
    ];
    await expectSame((q, k, v) => attend(q!, k!, v!, heads), inputs);
  });

  test("rotations are those of float64, at the norms of the paper's generators", async () => {
    await fc.assert(
      fc.asyncProperty(counts, fc.constantFrom(2, 7, 16, 32), seeds, (n, g, seed) => {
        const points = given([Math.min(n, 5), 3], seed, 0.4, 0.5);
        const generators = given([3, g, g], seed + 1, 2, 3);
        const op = (raw: tf.Tensor) => tf.tidy(() => rotations(tf.tensor(points.values, points.shape), raw));
        return expectSame((raw) => op(raw!), [generators], { output: 2e-7, gradient: 1e-5 });
      }),
      { numRuns: 10, seed },
    );
  });

  test("rotations of axes that cancel, and of nothing", async () => {
    const generators = given([3, 6, 6], 1, 30);
    // A_y = -A_z, met at equal coordinates.
    for (let i = 0; i < 36; i++) generators.values[36 + i] = -generators.values[i]!;
    const points = [0.7, 0.7, 0, 0, 0, 0];
    const turned = (raw: tf.Tensor) => tf.tidy(() => rotations(tf.tensor2d(points, [2, 3]), raw));
    const found = await differences((raw) => turned(raw!), [generators]);
    expect(found.output).toBeLessThan(2e-7);
  });

  test.each([
    [1, 5, 7, 9, false, false],
    [3, 40, 33, 70, true, false],
    [2, 64, 2000, 64, false, true],
    [1, 20, 30, 10, true, true],
  ])("products of %i matrices, %i × %i × %i", async (batch, m, k, n, ta, tb) => {
    const inputs = [given(ta ? [batch, k, m] : [batch, m, k], 1), given(tb ? [batch, n, k] : [batch, k, n], 2)];
    await expectSame((x, y) => tf.matMul(x!, y!, ta, tb), inputs);
  });

  test("sums over all, over the first axes and over the last, and of more tensors than a kernel may read", async () => {
    for (const axis of [undefined, 0, [0, 1], 1, -1]) {
      await expectSame((x) => tf.sum(x!, axis), [given([20, 30, 40], 1)]);
    }
    const many = (x: tf.Tensor, y: tf.Tensor) => tf.addN(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? x : y)));
    await expectSame((x, y) => many(x!, y!), [given([33], 1), given([33], 2)]);
  });

  test("the same inputs give the same bits", async () => {
    const inputs = [given([1, 17, 24, 31, 4], 1, 3), given([4], 2), given([4], 3)];
    const once = () => valuesOf((v, gain, shift) => instanceNormRelu(v!, gain!, shift!), inputs);
    const [first, second] = [await once(), await once()];
    expect(second).toEqual(first);
  });
});
