import { beforeAll, expect, test } from "vitest";
import {
  attend,
  conv3d,
  diceCrossEntropy,
  linear,
  openDevice,
  rotations,
  ShapeError,
  scaleRotate,
  tf,
  upsample2,
} from "./index.ts";
import { instanceNormRelu } from "./ops/instanceNormRelu.ts";

beforeAll(async () => {
  await openDevice("cpu");
});

test("a wrong shape is named with the operator, the argument, and what was expected", () => {
  const x = tf.zeros([1, 2, 2, 2, 3]);
  const cases: [() => unknown, string][] = [
    [
      () => conv3d(tf.zeros([2, 2, 2, 3]), tf.zeros([4, 3, 3, 3, 3])),
      "conv3d: x: expected [1, D, H, W, C], got [2, 2, 2, 3]",
    ],
    [() => conv3d(x, tf.zeros([4, 5, 3, 3, 3])), "conv3d: x: expected 5 channels as in weight [4, 5, 3, 3, 3], got 3"],
    [
      () => conv3d(x, tf.zeros([4, 5, 3, 3, 3]), { from: 3 }),
      "conv3d: x: expected channels 3 to 6 within 5 as in weight [4, 5, 3, 3, 3], got 3",
    ],
    [
      () => conv3d(x, tf.zeros([4, 3, 2, 2, 2])),
      "conv3d: expected kernel 3, kernel 2 at stride 2 or kernel 1, got kernel 2 at stride 1",
    ],
    [
      () => conv3d(x, tf.zeros([4, 3, 3, 3, 3]), { stride: 2, addend: tf.zeros([1, 2, 2, 2, 4]) }),
      "conv3d: addend: expected [1, 1, 1, 1, 4], got [1, 2, 2, 2, 4]",
    ],
    [
      () => instanceNormRelu(x, tf.zeros([3]), tf.zeros([4])),
      "instanceNormRelu: shift: expected [C] with C = 3, got [4]",
    ],
    [() => upsample2(tf.zeros([2, 1, 1, 1, 1])), "upsample2: x: expected [1, D, H, W, C], got [2, 1, 1, 1, 1]"],
    [() => diceCrossEntropy(x, tf.zeros([3])), "diceCrossEntropy: target: expected [1, 2, 2, 2, 3], got [3]"],
    [
      () => linear(tf.zeros([2, 3]), tf.zeros([4, 5]), tf.zeros([4])),
      "linear: weight: expected [O, I] with O = 4, I = 3, got [4, 5]",
    ],
    [
      () => rotations(tf.zeros([5, 2]), tf.zeros([3, 4, 4])),
      "rotations: points: expected [N, 3] with N = 5, got [5, 2]",
    ],
    [
      () => scaleRotate(tf.zeros([2, 8]), tf.zeros([8]), tf.zeros([2, 4, 4]), 3),
      "scaleRotate: heads: expected 8 / 4, got 3",
    ],
    [
      () => attend(tf.zeros([2, 8]), tf.zeros([1, 8]), tf.zeros([1, 8]), 3),
      "attend: heads: expected a divisor of 8, got 3",
    ],
  ];
  for (const [call, message] of cases) {
    expect(call).toThrow(ShapeError);
    expect(call).toThrow(message);
  }
});
