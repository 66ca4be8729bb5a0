import { expect, test } from "vitest";
import { recompute, splitGradient, tf } from "./index.ts";
import { describeOnDevices } from "./testing/devices.ts";
import { expectAllClose } from "./testing/expectAllClose.ts";
import { noLeaks } from "./testing/noLeaks.ts";

/** y = tanh(x w)², z = exp(-y): several steps, two outputs, a value used twice. */
const layer = ([x, w]: tf.Tensor[]) => {
  const y = tf.square(tf.tanh(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D)));
  return [y, tf.exp(tf.neg(y))];
};

const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);

describeOnDevices("recompute", () => {
  test("x² and its gradient by hand", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const x = tf.tensor1d([1, 3]);
        const { outputs, backward } = splitGradient(() => recompute(([a]) => [tf.square(a!)], [x]), [x]);
        expectAllClose(outputs[0]!.dataSync(), [1, 9]);
        // 5 · 2x
        expectAllClose(backward([tf.tensor1d([5, 5])])[0]!.dataSync(), [10, 30]);
      }),
    );
  });

  test("values and gradients are those of the function itself, to the bit", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const [x, w] = [random([7, 5], 1), random([5, 5], 2)];
        const given = [random([7, 5], 3), random([7, 5], 4)];
        const results = [layer, (inputs: tf.Tensor[]) => recompute(layer, inputs)].map((f) => {
          // Twice over, so that what is computed again is not the first thing on the tape; w counts in both.
          const { outputs, backward } = splitGradient(() => f([f([x, w])[0]!, w]), [x, w]);
          return [...outputs, ...backward(given)].map((tensor) => Array.from(tensor.dataSync()));
        });
        expect(results[1]).toEqual(results[0]);
      }),
    );
  });

  test("only the inputs are kept between forward and backward, and they are not copied", () => {
    noLeaks(() => {
      const [x, w] = [random([100, 5], 1), random([5, 5], 2)];
      const keptBy = (f: (inputs: tf.Tensor[]) => tf.Tensor[]) => {
        const before = tf.memory();
        const { outputs, dispose } = splitGradient(() => f([x, w]), [x, w]);
        tf.dispose(outputs);
        const after = tf.memory();
        dispose();
        return { tensors: after.numTensors - before.numTensors, maps: after.numDataBuffers - before.numDataBuffers };
      };
      expect(keptBy((inputs) => recompute(layer, inputs))).toEqual({ tensors: 2, maps: 0 });
      // The product's tanh, its square, and what exp gave.
      expect(keptBy(layer).maps).toBeGreaterThanOrEqual(2);
      tf.dispose([x, w]);
    });
  });

  test("one within another, and one that gives a part of its outputs no gradient", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const x = tf.scalar(3);
        const square = (inputs: tf.Tensor[]) => recompute(([a]) => [tf.square(a!)], inputs);
        const outer = () => recompute(([a]) => [tf.mul(square([a!])[0]!, 2), tf.exp(a!)], [x]);
        const { outputs, backward } = splitGradient(outer, [x]);
        // d(2x²)/dx = 4x
        expect(backward([tf.scalar(1), undefined])[0]!.dataSync()[0]).toBeCloseTo(12, 5);
        tf.dispose(outputs);
      }),
    );
  });

  test("works within TensorFlow.js's own gradients, and an input without a part gets zeros", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const [x, unused] = [tf.scalar(3), tf.tensor1d([1, 2])];
        const f = (a: tf.Tensor, b: tf.Tensor) => tf.exp(recompute(([c]) => [tf.square(c!)], [a, b])[0]!);
        const [dx, dUnused] = tf.grads(f)([x, unused]);
        // d exp(x²)/dx = 2x exp(x²)
        expect(dx!.dataSync()[0]! / (6 * Math.exp(9))).toBeCloseTo(1, 5);
        expectAllClose(dUnused!.dataSync(), [0, 0]);
      }),
    );
  });

  test("without a gradient around it, it is the function and nothing else", () => {
    noLeaks(() =>
      tf.tidy(() => expectAllClose(recompute(([a]) => [tf.square(a!)], [tf.scalar(3)])[0]!.dataSync(), [9])),
    );
  });

  test("an error on the way back leaves nothing behind", () => {
    noLeaks(() => {
      const x = tf.scalar(3);
      let calls = 0;
      const f = ([a]: tf.Tensor[]) => {
        const y = tf.exp(a!);
        if (calls++ > 0) throw new Error("stopped");
        return [tf.square(y)];
      };
      const { outputs, backward } = splitGradient(() => recompute(f, [tf.square(x)]), [x]);
      const one = tf.scalar(1);
      expect(() => backward([one])).toThrow("stopped");
      tf.dispose([x, one, outputs]);
    });
  });
});
