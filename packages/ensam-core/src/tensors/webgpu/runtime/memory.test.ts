import { expect, test } from "vitest";
import { conv3d } from "../../ops/conv3d.ts";
import { instanceNormRelu } from "../../ops/instanceNormRelu.ts";
import { upsample2 } from "../../ops/upsample2.ts";
import { OutOfMemory } from "../../outOfMemory.ts";
import { splitGradient } from "../../splitGradient.ts";
import { tf } from "../../tf.ts";
import { gpuFinished, openWebgpu, poolStatistics, resetPoolPeak } from "../openWebgpu.ts";
import { given } from "../testing/compare.ts";
import { describeOnWebgpu } from "../testing/software.ts";

const mebibyte = 1 << 20;

/** Forward and backward of what a decoder stage is made of. */
async function stage(size: [number, number, number]): Promise<void> {
  const x = tf.tensor(given([1, ...size, 4], 1).values, [1, ...size, 4]);
  const weight = tf.tensor(given([4, 4, 3, 3, 3], 2).values, [4, 4, 3, 3, 3]);
  const [gain, shift] = [tf.ones([4]), tf.zeros([4])];
  const { outputs, backward } = splitGradient(
    () => [tf.tidy(() => conv3d(instanceNormRelu(upsample2(x), gain, shift), weight))],
    [x, weight, gain, shift],
  );
  const gradients = tf.tidy(() => backward([tf.onesLike(outputs[0]!)]));
  await gradients[1]!.data();
  tf.dispose([x, weight, gain, shift, ...outputs, ...gradients]);
}

await describeOnWebgpu("memory", () => {
  test("30 volumes of different shapes leave nothing and do not make the pool grow", async () => {
    const tensors = tf.memory().numTensors;
    const { heapBytes } = poolStatistics();
    /** Most bytes of all buffers, those that wait included, over 30 shapes. */
    const capacity = async () => {
      let most = 0;
      for (let i = 0; i < 30; i++) {
        await stage([3 + ((i * 7) % 5), 4 + ((i * 5) % 7), 5 + ((i * 11) % 17)]);
        most = Math.max(most, poolStatistics().heapCapacityBytes);
      }
      return most;
    };
    const first = await capacity();
    expect(await capacity()).toBe(first);
    expect(first).toBeLessThanOrEqual(1.25 * poolStatistics().peakHeapBytes + 64 * mebibyte);
    expect(tf.memory().numTensors).toBe(tensors);
    expect(poolStatistics().heapBytes).toBe(heapBytes);
  });

  test("a map is freed as soon as it is disposed, although the commands that use it wait", async () => {
    const x = tf.zeros([1, 32, 32, 32, 4]);
    await tf.neg(x).data();
    resetPoolPeak();
    const { heapBytes } = poolStatistics();
    let y = tf.neg(x);
    for (let i = 0; i < 10; i++) {
      const next = tf.neg(y);
      y.dispose();
      y = next;
    }
    // Two maps of 32³ × 4 floats at once, and small things.
    expect(poolStatistics().peakHeapBytes - heapBytes).toBeLessThan(2 * 0.5 * mebibyte + 20_000);
    expect((await y.data())[0]).toBe(-0);
    tf.dispose([x, y]);
  });

  test("values written while commands wait do not overtake them", async () => {
    const sums: tf.Tensor[] = [];
    for (let i = 0; i < 20; i++) {
      // Buffers are reused from round to round: each is written before the commands of the last one were sent.
      const x = tf.tensor1d(new Float32Array(5000).fill(i));
      sums.push(tf.tidy(() => tf.sum(tf.add(x, 1))));
      x.dispose();
    }
    const values = await Promise.all(sums.map((sum) => sum.data()));
    expect(values.map(([value]) => value)).toEqual(sums.map((_, i) => 5000 * (i + 1)));
    tf.dispose(sums);
  });

  test("a limit is kept to, with an error of its own, and computing goes on", async () => {
    const device = await openWebgpu({ memoryBytes: 4 * mebibyte });
    const x = tf.zeros([1, 16, 32, 32, 16]);
    const before = { tensors: tf.memory().numTensors, ...poolStatistics() };
    expect(() => tf.neg(tf.tidy(() => upsample2(x)))).toThrow(OutOfMemory);
    expect(() => upsample2(x)).toThrow(
      /^webgpu: memory: expected room for 8\.0 MiB, got a limit of 4\.0 MiB with [\d.]+ MiB/,
    );
    expect((await tf.sum(x).data())[0]).toBe(0);
    expect(tf.memory().numTensors - before.tensors).toBe(1); // the sum
    device.dispose();
    await openWebgpu();
  });

  test("a stock kernel refuses a tensor larger than the adapter's buffers", () => {
    const large = () => tf.tidy(() => tf.fill([1, 512, 512, 512, 17], 1));
    expect(large).toThrow(/^webgpu: memory: stock kernel Fill: expected a tensor of at most [\d.]+ MiB/);
  });

  test("waiting for the GPU tells what went wrong there, once", async () => {
    const { device } = tf.backend() as unknown as { device: GPUDevice };
    device.createBuffer({ size: 16, usage: 0 });
    await expect(gpuFinished()).rejects.toThrow(/^webgpu: .*usage/i);
    await gpuFinished();
  });

  test("a synchronous read is refused with a reason", async () => {
    const x = tf.neg(tf.ones([2000]));
    expect(() => x.dataSync()).toThrow(/^webgpu: expected an asynchronous read/);
    expect((await x.data())[1999]).toBe(-1);
    expect(x.dataSync()[0]).toBe(-1); // read before: the values are here
    x.dispose();
  });
});
