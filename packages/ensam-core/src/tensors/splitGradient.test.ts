import { expect, test } from "vitest";
import { splitGradient, tf } from "./index.ts";
import { describeOnDevices } from "./testing/devices.ts";
import { expectAllClose } from "./testing/expectAllClose.ts";
import { noLeaks } from "./testing/noLeaks.ts";

describeOnDevices("splitGradient", () => {
  test("y = a·b and a+b: the gradients of 2y₀ + 3y₁ by hand", () => {
    noLeaks(() => {
      const [a, b] = [tf.tensor1d([1, 2]), tf.tensor1d([5, 7])];
      const { outputs, backward } = splitGradient(() => [tf.mul(a, b), tf.add(a, b)], [a, b]);
      expectAllClose(outputs[0]!.dataSync(), [5, 14]);
      const given = [tf.tensor1d([2, 2]), tf.tensor1d([3, 3])];
      const gradients = backward(given);
      expectAllClose(gradients[0]!.dataSync(), [2 * 5 + 3, 2 * 7 + 3]);
      expectAllClose(gradients[1]!.dataSync(), [2 * 1 + 3, 2 * 2 + 3]);
      tf.dispose([a, b, outputs, given, gradients]);
    });
  });

  test("what operators save for their gradients takes no kernel calls, and is freed", () => {
    noLeaks(() => {
      const engine = tf.engine();
      const { runKernel } = engine;
      const names: string[] = [];
      engine.runKernel = function (this: typeof engine, name: string, ...rest: never[]) {
        names.push(name);
        return (runKernel as (name: string, ...rest: never[]) => never).call(this, name, ...rest);
      } as typeof runKernel;
      const x = tf.tensor1d([1, 2]);
      try {
        const { outputs, backward } = splitGradient(() => [tf.square(x)], [x]);
        expect(names).toEqual(["Square"]);
        const ones = tf.onesLike(x);
        const gradients = backward([ones]);
        expectAllClose(gradients[0]!.dataSync(), [2, 4]);
        tf.dispose([outputs, ones, gradients]);
      } finally {
        engine.runKernel = runKernel;
        x.dispose();
      }
    });
  });

  test("other gradients in between do not disturb it, and it equals one joint gradient", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const x = tf.randomNormal([3, 4], 0, 1, "float32", 1);
        const w = tf.randomNormal([4, 5], 0, 1, "float32", 2);
        const u = tf.randomNormal([5, 2], 0, 1, "float32", 3);
        const features = () => tf.relu(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D));
        const head = (h: tf.Tensor, k: number) => tf.sum(tf.square(tf.matMul(tf.mul(h, k), u as tf.Tensor2D)));

        const encoder = splitGradient(() => [features()], [w]);
        let sum: tf.Tensor = tf.zerosLike(encoder.outputs[0]!);
        for (const k of [1, 2, 3]) sum = tf.add(sum, tf.grad((h) => head(h, k))(encoder.outputs[0]!));
        const [split] = encoder.backward([sum]);

        const joint = tf.grad((weight) => {
          const h = tf.relu(tf.matMul(x as tf.Tensor2D, weight as tf.Tensor2D));
          return tf.addN([1, 2, 3].map((k) => head(h, k)));
        })(w);
        expectAllClose(split!.dataSync(), joint.dataSync(), { rtol: 1e-5, atol: 1e-4 });
      }),
    );
  });

  test("one split gradient may run inside the wait of another", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const x = tf.scalar(3);
        const outer = splitGradient(() => [tf.square(x)], [x]);
        const inner = splitGradient(() => [tf.mul(outer.outputs[0]!, 4)], [outer.outputs[0]!]);
        const [toOuter] = inner.backward([tf.scalar(1)]);
        // d(4x²)/dx = 8x = 24
        expect(outer.backward([toOuter])[0]!.dataSync()[0]).toBeCloseTo(24, 5);
      }),
    );
  });

  test("a variable without a part, and an output without a gradient, give zeros", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const [a, b] = [tf.scalar(2), tf.tensor1d([1, 2])];
        const { backward } = splitGradient(() => [tf.square(a), tf.mul(b, a)], [a, b]);
        const [da, db] = backward([tf.scalar(1), undefined]);
        expectAllClose([...da!.dataSync(), ...db!.dataSync()], [4, 0, 0]);
        const neither = splitGradient(() => [tf.square(a)], [a]).backward([undefined]);
        expectAllClose(neither[0]!.dataSync(), [0]);
      }),
    );
  });

  test("backward into running sums adds each gradient once, and leaves out what has neither", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const [a, b, c, d] = [tf.scalar(2), tf.scalar(5), tf.scalar(1), tf.scalar(1)];
        const { backwardInto } = splitGradient(() => [tf.mul(tf.square(a), tf.mul(a, b))], [a, b, c, d]);
        // d(a³ b) = 3a² b, a³; before them 100 and nothing. c has a sum alone, d has nothing.
        const sums = backwardInto([tf.scalar(1)], [tf.scalar(100), undefined, tf.scalar(7), undefined]);
        expectAllClose(
          sums.map((sum) => sum?.dataSync()[0] ?? -1),
          [160, 8, 7, -1],
        );
      }),
    );
  });

  test("small sums wait for each other and large ones do not: the same to the bit", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const values = [3, 100, 20_000].map((n, i) => tf.randomNormal([n], 0, 1, "float32", i + 1));
        const before = [3, 100, 20_000].map((n, i) => tf.randomNormal([n], 0, 1, "float32", i + 5));
        const { backwardInto } = splitGradient(() => values.map((x) => tf.square(x)), values);
        const sums = backwardInto(
          values.map((x) => tf.onesLike(x)),
          before.map((x) => tf.clone(x)),
        );
        sums.forEach((sum, i) => {
          expect(sum!.dataSync()).toEqual(tf.add(before[i]!, tf.mul(values[i]!, 2)).dataSync());
        });
      }),
    );
  });

  test("sums are freed with the rest when the way back fails", () => {
    noLeaks(() => {
      const [x, y] = [tf.scalar(3), tf.scalar(4)];
      const broken = tf.customGrad((...inputs) => ({
        value: tf.neg(inputs[0] as tf.Tensor),
        gradFunc: () => {
          throw new Error("stopped");
        },
      }));
      const { outputs, backwardInto } = splitGradient(() => [tf.mul(broken(x), y)], [x, y]);
      const one = tf.scalar(1);
      expect(() => backwardInto([one], [tf.scalar(1), tf.scalar(2)])).toThrow("stopped");
      tf.dispose([x, y, one, outputs]);
    });
  });

  test("a value used twice, handed through, and returned twice counts each time", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const x = tf.scalar(3);
        const run = splitGradient(() => {
          const y = tf.square(x);
          return [tf.add(y, y), tf.clone(y), x];
        }, [x]);
        // 2·2x + 5·2x + 7 = 14·3 + 7
        const [dx] = run.backward([tf.scalar(1), tf.scalar(5), tf.scalar(7)]);
        expect(dx!.dataSync()[0]).toBeCloseTo(49, 5);
      }),
    );
  });

  test("a custom gradient that hands on one tensor for both inputs is not freed too early", () => {
    noLeaks(() =>
      tf.tidy(() => {
        const add = tf.customGrad((...inputs) => {
          const [a, b] = inputs as tf.Tensor[];
          return { value: tf.add(a!, b!), gradFunc: (dy: tf.Tensor) => [dy, dy] };
        });
        const x = tf.scalar(2);
        const { backward } = splitGradient(() => [tf.mul(add(tf.square(x), tf.mul(x, 3)), 5)], [x]);
        expect(backward([tf.scalar(1)])[0]!.dataSync()[0]).toBeCloseTo(35, 5); // 5 (2x + 3)
      }),
    );
  });

  test("throwing it away frees it, and so does an error on the way", () => {
    noLeaks(() => {
      const x = tf.scalar(3);
      const { outputs, dispose } = splitGradient(() => [tf.exp(tf.square(x))], [x]);
      dispose();
      tf.dispose([x, outputs]);
    });
    noLeaks(() => {
      const x = tf.scalar(3);
      const broken = () =>
        splitGradient(() => {
          tf.exp(tf.square(x));
          throw new Error("stopped");
        }, [x]);
      expect(broken).toThrow("stopped");
      x.dispose();
    });
    expect(
      tf
        .grad((x) => tf.square(x))(tf.scalar(3))
        .dataSync()[0],
    ).toBe(6); // The engine is as before.
  });

  test("misuse is refused", () => {
    const x = tf.scalar(3);
    const { backward } = splitGradient(() => [tf.square(x)], [x]);
    expect(() => backward([tf.zeros([2])])).toThrow("splitGradient: gradient 0: expected [], got [2]");
    backward([tf.scalar(1)]);
    expect(() => backward([tf.scalar(1)])).toThrow("expected one call of backward");
    const nested = tf.grad((y) => splitGradient(() => [tf.square(y)], [y]).outputs[0]!);
    expect(() => nested(x)).toThrow("expected no gradient being computed around it");
  });
});
