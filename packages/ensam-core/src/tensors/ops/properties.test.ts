import fc from "fast-check";
import { expect, test } from "vitest";
import {
  attend,
  channelRmsGelu,
  conv3d,
  diceCrossEntropy,
  rotations,
  scaleRotate,
  splitGradient,
  stepOnSphere,
  tf,
  unit,
  upsample2,
} from "../index.ts";
import { describeOnDevices } from "../testing/devices.ts";
import { expectAllClose } from "../testing/expectAllClose.ts";
import { noLeaks } from "../testing/noLeaks.ts";
import { gaussian } from "../testing/operatorCases.ts";
import { instanceNormRelu } from "./instanceNormRelu.ts";

const seeds = fc.integer({ min: 1, max: 1_000_000 });
const few = { numRuns: 15 };
/** Runs a property in a scope of its own, so that thousands of small tensors do not pile up. */
const always = <T extends unknown[]>(property: fc.IProperty<T>) => fc.assert(property, few);

describeOnDevices("properties of operators", () => {
  test("a convolution over a concatenation is the sum of the convolutions over its parts", () => {
    always(
      fc.property(seeds, fc.integer({ min: 1, max: 4 }), fc.constantFrom(1, 3), (seed, split, kernel) =>
        tf.tidy(() => {
          const x = gaussian([1, 3, 2, 4, 5], seed);
          const weight = gaussian([3, 5, kernel, kernel, kernel], seed + 1);
          const [first, second] = tf.split(x, [split, 5 - split], 4) as [tf.Tensor, tf.Tensor];
          const addend = conv3d(second, weight, { from: split });
          const sum = conv3d(first, weight, { from: 0, addend });
          expectAllClose(sum.dataSync(), conv3d(x, weight).dataSync(), { atol: 1e-4 });
        }),
      ),
    );
  });

  test("a 1×1×1 convolution commutes with the upsampling", () => {
    tf.tidy(() => {
      const [x, weight] = [gaussian([1, 2, 3, 4, 5], 1), gaussian([2, 5, 1, 1, 1], 2)];
      const [before, after] = [upsample2(conv3d(x, weight)), conv3d(upsample2(x), weight)];
      expectAllClose(before.dataSync(), after.dataSync(), { atol: 1e-5 });
    });
  });

  test("upsampling a ramp gives 3/4 of the voxel and 1/4 of its neighbour, the border repeated", () => {
    tf.tidy(() => {
      const ramp = tf.tensor([0, 4, 8], [1, 1, 1, 3, 1]);
      // Along x: 0, 1, 3, 5, 7, 8; the other axes repeat it.
      expectAllClose(
        upsample2(ramp).dataSync(),
        [1, 2, 3, 4].flatMap(() => [0, 1, 3, 5, 7, 8]),
      );
    });
  });

  test("instance normalisation of one voxel is relu(shift)", () => {
    tf.tidy(() => {
      const y = instanceNormRelu(tf.tensor([5, -3], [1, 1, 1, 1, 2]), tf.tensor1d([2, 2]), tf.tensor1d([0.5, -0.5]));
      expectAllClose(y.dataSync(), [0.5, 0]);
    });
  });

  test("instance normalisation does not see scale and offset of a channel", () => {
    always(
      fc.property(seeds, fc.double({ min: 0.5, max: 20, noNaN: true }), (seed, scale) =>
        tf.tidy(() => {
          const x = gaussian([1, 3, 4, 2, 3], seed);
          const [gain, shift] = [gaussian([3], seed + 1), gaussian([3], seed + 2)];
          const moved = tf.add(tf.mul(x, scale), 7);
          const [a, b] = [instanceNormRelu(x, gain, shift), instanceNormRelu(moved, gain, shift)];
          expectAllClose(b.dataSync(), a.dataSync(), { atol: 1e-3 });
        }),
      ),
    );
  });

  test("unit vectors have unit length, a zero vector stays zero and gives a finite gradient", () => {
    tf.tidy(() => {
      const x = tf.tensor2d([[3, 4], [0, 0], [1e-8, 0]]); // biome-ignore format: three vectors
      // 1e-8 is below the bound of 1e-6: 1e-8 / 1e-6 = 0.01
      expectAllClose(unit(x).dataSync(), [0.6, 0.8, 0, 0, 0.01, 0]);
      const { backward } = splitGradient(() => [unit(x)], [x]);
      // Along [3, 4]: ([1, 1] - u (u·[1, 1])) / 5 with u·[1, 1] = 1.4 -> [0.16, -0.12] / 5; below the bound: 1 / 1e-6.
      expectAllClose(backward([tf.ones([3, 2])])[0]!.dataSync(), [0.032, -0.024, 1e6, 1e6, 1e6, 1e6]);
    });
  });

  test("halfway between two axes is the diagonal", () => {
    const out = noLeaks(() =>
      tf.tidy(() => stepOnSphere(tf.tensor2d([[1, 0]]), tf.tensor2d([[0, 5]]), tf.tensor1d([0.5, -0.5])).dataSync()),
    );
    expectAllClose(out, [Math.SQRT1_2, Math.SQRT1_2]);
  });

  test("a step stays on the sphere, a rate of 0 stays put and gets no gradient, a rate of 1 arrives", () => {
    always(
      fc.property(seeds, (seed) =>
        tf.tidy(() => {
          const state = unit(gaussian([4, 6], seed));
          const proposal = gaussian([4, 6], seed + 1);
          const stepped = stepOnSphere(state, proposal, gaussian([6], seed + 2));
          expectAllClose(tf.sum(tf.square(stepped), 1).dataSync(), [1, 1, 1, 1], { rtol: 1e-5 });
          const none = tf.zeros([6]);
          expectAllClose(stepOnSphere(state, proposal, none).dataSync(), state.dataSync());
          expectAllClose(stepOnSphere(state, proposal, tf.ones([6])).dataSync(), unit(proposal).dataSync());
          const { backward } = splitGradient(() => [stepOnSphere(state, proposal, none)], [none]);
          expectAllClose(backward([tf.ones([4, 6])])[0]!.dataSync(), [0, 0, 0, 0, 0, 0]);
        }),
      ),
    );
  });

  test("channel RMS normalisation gives every voxel the length √C before the GELU", () => {
    tf.tidy(() => {
      // [3, 4] -> √2 [0.6, 0.8]; GELU(x) = x/2 (1 + erf(x/√2)), Φ(0.848528) = 0.801934, Φ(1.131371) = 0.871050
      const y = channelRmsGelu(tf.tensor([3, 4, 0, 0], [1, 1, 1, 2, 2]));
      expectAllClose(y.dataSync(), [0.848528 * 0.801934, 1.131371 * 0.87105, 0, 0], { atol: 1e-5 });
    });
  });

  test("attention to one key returns its value, and the order of keys does not matter", () => {
    always(
      fc.property(seeds, (seed) =>
        tf.tidy(() => {
          const [q, k, v] = [gaussian([3, 8], seed), gaussian([4, 8], seed + 1), gaussian([4, 8], seed + 2)];
          const one = attend(q, tf.slice(k, [0, 0], [1, 8]), tf.slice(v, [0, 0], [1, 8]), 2);
          expectAllClose(one.dataSync(), tf.tile(tf.slice(v, [0, 0], [1, 8]), [3, 1]).dataSync());
          const reversed = attend(q, tf.reverse(k, 0), tf.reverse(v, 0), 2);
          expectAllClose(reversed.dataSync(), attend(q, k, v, 2).dataSync(), { atol: 1e-5 });
        }),
      ),
    );
  });

  test("a perfect prediction costs nothing, an empty one of an empty target neither", () => {
    tf.tidy(() => {
      const target = tf.tensor1d([1, 0, 1, 0]);
      const sure = tf.mul(tf.sub(target, 0.5), 200);
      expectAllClose(diceCrossEntropy(sure, target).dataSync(), [0, 0, 0], { atol: 1e-6 });
      expectAllClose(diceCrossEntropy(tf.fill([4], -100), tf.zeros([4])).dataSync(), [0, 0, 0], { atol: 1e-6 });
      // At logit 0, p = 1/2: dice = 1 - 2·(2·0.5) / (4·0.25 + 2) = 1/3, cross-entropy = log 2.
      expectAllClose(diceCrossEntropy(tf.zeros([4]), target).dataSync(), [1 / 3 + 2 * Math.LN2, 1 / 3, Math.LN2], {
        rtol: 1e-4,
      });
    });
  });

  test("rotations are orthogonal, the identity at the origin, and additive along a line", () => {
    always(
      fc.property(seeds, fc.double({ min: -1, max: 1, noNaN: true }), (seed, along) =>
        tf.tidy(() => {
          const generators = tf.mul(gaussian([3, 4, 4], seed), 5);
          const direction = [0.3, -0.5, 0.8];
          const at = [0, along, 0.5, 0.5 - along].map((t) => direction.map((component) => component * t));
          const [origin, a, b, difference] = tf.unstack(rotations(tf.tensor2d(at), generators)) as tf.Tensor2D[];
          const identity = tf.eye(4).dataSync();
          expectAllClose(origin!.dataSync(), identity);
          expectAllClose(tf.matMul(a!, a!, true).dataSync(), identity, { atol: 1e-5 });
          expectAllClose(tf.matMul(a!, b!, true).dataSync(), difference!.dataSync(), { atol: 1e-4 });
        }),
      ),
    );
  });

  test("the diagonal and the lower triangle of a generator have no effect and no gradient", () => {
    tf.tidy(() => {
      const points = tf.tensor2d([[0.3, 0.2, 0.9]]);
      const generators = gaussian([3, 4, 4], 5);
      const upper = tf.linalg.bandPart(generators, 0, -1);
      const strict = tf.sub(upper, tf.linalg.bandPart(generators, 0, 0));
      expectAllClose(rotations(points, generators).dataSync(), rotations(points, strict).dataSync());
      const { backward } = splitGradient(() => [rotations(points, generators)], [generators]);
      const gradient = backward([gaussian([1, 4, 4], 6)])[0]!;
      expectAllClose(tf.linalg.bandPart(gradient, -1, 0).dataSync(), new Float32Array(48));
      expect(Math.max(...gradient.dataSync())).toBeGreaterThan(0);
    });
  });

  test("a rotation keeps what scaling left, and a scale of 0 leaves nothing", () => {
    tf.tidy(() => {
      const turns = rotations(tf.tensor2d([[0.1, 0.2, 0.3]]), gaussian([3, 4, 4], 2));
      const x = gaussian([1, 8], 3);
      const turned = scaleRotate(x, tf.fill([8], 3), turns, 2);
      // Each of the two heads: unit length times 3.
      expectAllClose(tf.sum(tf.square(tf.reshape(turned, [2, 4])), 1).dataSync(), [9, 9], { rtol: 1e-4 });
      expectAllClose(scaleRotate(x, tf.zeros([8]), turns, 2).dataSync(), new Float32Array(8));
    });
  });
});
