import { expect, test } from "vitest";
import { tf } from "../../tf.ts";
import type { GpuBackend } from "../runtime/backend.ts";
import { given, relativeError } from "../testing/compare.ts";
import { describeOnWebgpu } from "../testing/software.ts";
import { type Matrices, multiply } from "./matMul.ts";

await describeOnWebgpu("products with an addend", () => {
  test.each([
    ["in one part", 30],
    ["in parts, added up", 600],
  ])("of two matrices each, %s: 3 a b - 2 dᵀ", async (_, inner) => {
    const [batch, rows, columns] = [2, 5, 7];
    const [a, b, d] = [
      given([batch, rows, inner], 1),
      given([batch, inner, columns], 2),
      given([batch, columns, rows], 3),
    ];
    const make = () =>
      [a, b, d].map(({ shape, values }) => tf.tensor3d(values.slice(), shape as [number, number, number]));
    const backend = tf.backend() as GpuBackend;
    const tensors = make();
    const stack = (tensor: tf.Tensor, rowStride: number, columnStride = 1): Matrices => ({
      ...{ in: tensor, batchStride: tensor.size / batch, rowStride, columnStride },
    });
    const c = tf.engine().makeTensorFromTensorInfo(backend.output([batch, rows, columns]) as tf.TensorInfo);
    multiply(backend, {
      ...{ a: stack(tensors[0]!, inner), b: stack(tensors[1]!, columns), c: stack(c, columns) },
      ...{ batch, rows, inner, columns, scale: 3, addend: stack(tensors[2]!, 1, rows), addendScale: -2 },
    });
    const actual = (await c.data()).slice() as Float32Array;
    tf.dispose([c, ...tensors]);

    tf.setBackend("cpu");
    const expected = tf.tidy(() => {
      const [x, y, z] = make();
      return tf.sub(tf.mul(tf.matMul(x!, y!), 3), tf.mul(tf.transpose(z!, [0, 2, 1]), 2)).dataSync<"float32">();
    });
    tf.setBackend("webgpu");
    expect(relativeError(actual, expected)).toBeLessThan(1e-5);
  });
});
