import { expect, test } from "vitest";
import { channelRmsGelu } from "../../ops/channelRmsGelu.ts";
import { conv3d } from "../../ops/conv3d.ts";
import { diceCrossEntropy } from "../../ops/diceCrossEntropy.ts";
import { instanceNormRelu } from "../../ops/instanceNormRelu.ts";
import { normReluConv3d } from "../../ops/normReluConv3d.ts";
import { upsample2 } from "../../ops/upsample2.ts";
import { OutOfMemory } from "../../outOfMemory.ts";
import { splitGradient } from "../../splitGradient.ts";
import { operatorCases } from "../../testing/operatorCases.ts";
import { tf } from "../../tf.ts";
import { openWebgpu, poolStatistics } from "../openWebgpu.ts";
import { type Given, given, valuesOf } from "../testing/compare.ts";
import { describeOnWebgpu } from "../testing/software.ts";
import type { GpuBackend } from "./backend.ts";

type Op = (...inputs: tf.Tensor[]) => tf.Tensor;

interface Case {
  readonly name: string;
  readonly op: Op;
  readonly inputs: readonly Given[];
}

/** Runs with buffers of at most so many bytes, then opens whole ones again. Nothing may be left in the smaller ones. */
async function withBuffersOf<Result>(largestBufferBytes: number, run: () => Promise<Result>): Promise<Result> {
  const before = tf.memory().numTensors;
  const device = await openWebgpu({ largestBufferBytes });
  try {
    const result = await run();
    expect(tf.memory().numTensors).toBe(before);
    // What commands that wait to be sent were told is still there.
    expect(poolStatistics().heapBytes).toBeLessThan(1e4);
    return result;
  } finally {
    device.dispose();
    await openWebgpu();
  }
}

type Evaluated = Awaited<ReturnType<typeof valuesOf>>;

/** Which of output (0) and gradients differ, in a bit or in size: shorter than all values that do. */
function differing(actual: Evaluated, expected: Evaluated): number[] {
  const arrays = ({ output, gradients }: Evaluated) => [output, ...gradients];
  const isSame = (a: Float32Array, b: Float32Array) =>
    a.length === b.length && a.every((value, i) => Object.is(value, b[i]));
  const others = arrays(actual);
  return arrays(expected).flatMap((own, i) => (isSame(own, others[i]!) ? [] : [i]));
}

function partsOf(tensor: tf.Tensor): number {
  return (tf.backend() as GpuBackend).partsOf(tensor).length;
}

/**
 * In buffers of 64 KiB the maps lie in three, with channels that straddle two: 17 · 18 · 19 voxels of 8 or 6 channels.
 */
const grid = [1, 17, 18, 19] as const;
const [map, narrow] = [given([...grid, 8], 1), given([...grid, 6], 1)];
const largeCases: readonly Case[] = [
  {
    name: "convolution",
    op: (x, w, b) => conv3d(x!, w!, { bias: b! }),
    inputs: [narrow, given([5, 6, 3, 3, 3], 2), given([5], 3)],
  },
  {
    name: "normalised convolution",
    op: (x, gain, shift, weight, addend) => normReluConv3d(x!, gain!, shift!, weight!, { addend: addend! }),
    inputs: [map, given([8], 2), given([8], 3), given([8, 8, 3, 3, 3], 4), given([...grid, 8], 5)],
  },
  {
    name: "strided convolution",
    op: (x, w) => conv3d(x!, w!, { stride: 2 }),
    inputs: [map, given([8, 8, 3, 3, 3], 2)],
  },
  {
    name: "normalisation",
    op: (x, g, s) => instanceNormRelu(x!, g!, s!),
    inputs: [narrow, given([6], 2), given([6], 3)],
  },
  { name: "upsampling", op: (x) => upsample2(x!), inputs: [given([1, 8, 9, 10, 8], 1)] },
  { name: "GELU", op: (x) => channelRmsGelu(x!), inputs: [narrow] },
  { name: "sum of two", op: (x, y) => tf.add(x!, y!), inputs: [map, given([...grid, 8], 2)] },
  {
    name: "sum of many",
    op: (x, y) => tf.addN([x!, y!, x!, x!, y!, y!, x!, x!, y!]),
    inputs: [map, given([...grid, 8], 2)],
  },
  { name: "difference to a number", op: (x) => tf.sub(x!, 0.5), inputs: [map] },
  { name: "zeros", op: (x) => tf.zerosLike(tf.reshape(x!, [-1])), inputs: [map] },
  {
    name: "loss",
    op: (x) =>
      tf.slice(diceCrossEntropy(x!, tf.tensor1d(given([40_000], 2).values.map((v) => (v > 0 ? 1 : 0)))), [0], [1]),
    inputs: [given([40_000], 1)],
  },
];

await describeOnWebgpu("tensors larger than a buffer", () => {
  test.each(operatorCases)("$name: the same bits from the smallest buffers", async ({ name, operator, inputs }) => {
    tf.setBackend("cpu");
    const tensors = inputs();
    const taken = tensors.map((tensor) => ({ shape: tensor.shape, values: tensor.dataSync() as Float32Array }));
    tf.dispose(tensors);
    tf.setBackend("webgpu");
    const whole = await valuesOf(operator, taken);
    // The weights of a convolution would lie in too many of 256 bytes.
    await withBuffersOf(/conv3d/i.test(name) ? 1024 : 256, async () => {
      expect(differing(await valuesOf(operator, taken), whole)).toEqual([]);
    });
  });

  test.each(largeCases)("$name: the same bits from several buffers", async ({ op, inputs }) => {
    const whole = await valuesOf(op, inputs);
    await withBuffersOf(64 << 10, async () => {
      expect(differing(await valuesOf(op, inputs), whole)).toEqual([]);
      const [x, y] = tf.tidy(() => {
        const own = inputs.map(({ shape, values }) => tf.tensor(values, shape));
        return [own[0]!, op(...own)];
      });
      expect(Math.max(partsOf(x!), partsOf(y!))).toBeGreaterThan(1);
      tf.dispose([x!, y!]);
    });
  });

  test("sums over all and over the first axes: the same bits from several buffers", async () => {
    const sums = async () => {
      const [x, ...found] = tf.tidy(() => {
        const x = tf.tensor(map.values, map.shape);
        return [x, tf.sum(x), tf.sum(x, [0, 1, 2, 3]), tf.sum(x, 0)];
      });
      const values = await Promise.all(found.map((sum) => sum.data()));
      tf.dispose([x!, ...found]);
      return values;
    };
    const whole = await sums();
    expect(await withBuffersOf(64 << 10, sums)).toEqual(whole);
  });

  test("values come back as they were given, from copies too, and all parts are freed once", async () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => i);
    await withBuffersOf(1024, async () => {
      const { heapBytes } = poolStatistics();
      const x = tf.tensor1d(values);
      expect(partsOf(x)).toBe(4);
      const y = tf.tidy(() => tf.reshape(tf.clone(x), [10, 100]));
      x.dispose();
      expect(poolStatistics().heapBytes - heapBytes).toBe(4 * 1024);
      expect(await y.data()).toEqual(values);
      const z = tf.sub(y, 1);
      expect(await z.data()).toEqual(values.map((value) => value - 1));
      y.dispose();
      y.dispose();
      z.dispose();
      // Nothing is in use twice: 4 KiB can be had twice over without a buffer more.
      const { heapCapacityBytes } = poolStatistics();
      const again = [tf.tensor1d(values), tf.tensor1d(values)];
      expect(again.map(partsOf)).toEqual([4, 4]);
      expect(new Set(again.flatMap((tensor) => (tf.backend() as GpuBackend).partsOf(tensor))).size).toBe(8);
      expect(poolStatistics().heapCapacityBytes).toBe(heapCapacityBytes);
      tf.dispose(again);
    });
  });

  test("what would need more buffers than a kernel may have is refused, and computing goes on", async () => {
    await withBuffersOf(256, async () => {
      const x = tf.zeros([1, 16, 32, 32, 4]);
      expect(partsOf(x)).toBe(1024);
      const before = poolStatistics().heapBytes;
      expect(() => upsample2(x)).toThrow(OutOfMemory);
      expect(() => upsample2(x)).toThrow(
        /^webgpu: memory: upsample vec4f: expected at most \d+ buffers of [\d.]+ MiB, .*, got 9216 \(x in 1024, y in 8192\)/,
      );
      expect(poolStatistics().heapBytes).toBe(before);
      const y = tf.sub(x, 1);
      expect((await y.data())[65_535]).toBe(-1);
      tf.dispose([x, y]);
    });
  });

  test("a refused operator that is being recorded leaves nothing behind", async () => {
    await withBuffersOf(256, async () => {
      const x = tf.zeros([1, 8, 32, 32, 8]);
      const [gain, shift, weight] = [tf.ones([8]), tf.zeros([8]), tf.zeros([8, 8, 1, 1, 1])];
      const before = tf.memory().numTensors;
      const record = () => splitGradient(() => [normReluConv3d(x, gain, shift, weight)], [x, weight]);
      expect(record).toThrow(OutOfMemory);
      expect(tf.memory().numTensors).toBe(before);
      tf.dispose([x, gain, shift, weight]);
    });
  });

  test("stock kernels refuse them by name", async () => {
    await withBuffersOf(1024, async () => {
      const x = tf.zeros([1000]);
      expect(() => tf.tidy(() => tf.sqrt(x))).toThrow(
        /^webgpu: memory: stock kernel UnaryOp: expected a tensor of at most/,
      );
      expect(() => tf.tidy(() => tf.sqrt(x))).toThrow(OutOfMemory);
      x.dispose();
    });
  });
});
