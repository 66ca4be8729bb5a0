import { afterEach, expect, test } from "vitest";
import { conv3d } from "../ops/conv3d.ts";
import { instanceNormRelu } from "../ops/instanceNormRelu.ts";
import { linear } from "../ops/linear.ts";
import { rotations } from "../ops/rotations.ts";
import { OutOfMemory } from "../outOfMemory.ts";
import { tf } from "../tf.ts";
import type { WasmBackend } from "./backend.ts";
import { heapStatistics, openWasm, resetHeapPeak } from "./openWasm.ts";
import { evaluate, evaluateOnCpu, given, type Op, relativeError } from "./testing/compareDevices.ts";

const devices: { dispose(): void }[] = [];
const open: typeof openWasm = async (options) => {
  const device = await openWasm(options);
  devices.push(device);
  return device;
};
afterEach(() => {
  for (const device of devices.splice(0)) device.dispose();
});

test("what was read outlives the tensor", async () => {
  await open({ threads: 1 });
  const x = tf.mul(tf.ones([100]), 3);
  const values = x.dataSync();
  x.dispose();
  tf.mul(tf.ones([100]), 5);
  expect(values[99]).toBe(3);
});

test("a slice outlives the tensor it was cut from", async () => {
  await open({ threads: 1 });
  const whole = tf.mul(tf.ones([200]), 3);
  const part = tf.slice(whole, [100], [100]);
  whole.dispose();
  const other = tf.mul(tf.ones([200]), 5);
  expect(part.dataSync()[0]).toBe(3);
  tf.dispose([part, other]);
});

test("two tensors of the same values: the last one frees them", async () => {
  await open({ threads: 1 });
  const x = tf.mul(tf.ones([100]), 3);
  const before = heapStatistics().heapBytes;
  const y = tf.reshape(x, [10, 10]);
  const z = tf.clone(x);
  expect(heapStatistics().heapBytes).toBe(before);
  x.dispose();
  y.dispose();
  expect(z.dataSync()[5]).toBe(3);
  z.dispose();
  expect(heapStatistics().heapBytes).toBe(before - 448); // 400 bytes in cache lines of 64
});

test("a hundred steps leave the heap as five do", async () => {
  await open({ threads: 2 });
  const weight = tf.tensor(given([8, 6, 3, 3, 3], 1).values, [8, 6, 3, 3, 3]);
  const input = given([1, 6, 7, 8, 6], 2);
  const step = () =>
    tf.tidy(() => {
      const x = tf.tensor(input.values, input.shape);
      tf.grads((a, w) => tf.sum(instanceNormRelu(conv3d(a!, w!), tf.ones([8]), tf.zeros([8]))))([x, weight]);
    });
  const after: number[] = [];
  for (let i = 1; i <= 100; i++) {
    step();
    if (i === 5 || i === 100)
      after.push(heapStatistics().heapBytes, heapStatistics().heapCapacityBytes, tf.memory().numTensors);
  }
  expect(after.slice(3)).toEqual(after.slice(0, 3));
});

test("a tensor that does not fit is refused, and nothing stays behind", async () => {
  await open({ threads: 1, memoryBytes: 8 * 1048576 });
  const x = tf.mul(tf.ones([1, 32, 32, 32, 8]), 1); // 1 MiB
  const weight = tf.ones([64, 8, 1, 1, 1]); // 8 MiB come out
  const before = heapStatistics().heapBytes;
  expect(() => conv3d(x, weight)).toThrow(OutOfMemory);
  expect(() => tf.tidy(() => instanceNormRelu(tf.concat(Array(7).fill(x), 4), tf.ones([56]), tf.zeros([56])))).toThrow(
    /^wasm: memory: expected room/,
  );
  expect(heapStatistics().heapBytes - before).toBeLessThan(16384); // the weight's own values and their packed form
  expect(tf.add(x, 1).dataSync()[7]).toBe(2);
});

test("the peak tells the most at once", async () => {
  await open({ threads: 1 });
  resetHeapPeak();
  const { heapBytes } = heapStatistics();
  tf.tidy(() => void tf.add(tf.mul(tf.ones([1024]), 2), 1)); // three of 4 KiB, and the scalar of the operator at work
  expect(heapStatistics().peakHeapBytes - heapBytes).toBe(3 * 4096 + 64);
  expect(tf.memory()).toMatchObject({ heapBytes });
});

const ops: [name: string, op: Op, inputs: number[][]][] = [
  ["conv3d", (x, w, b) => conv3d(x!, w!, { bias: b! }), [[1, 9, 10, 11, 12], [20, 12, 3, 3, 3], [20]]],
  [
    "strided conv3d",
    (x, w) => conv3d(x!, w!, { stride: 2 }),
    [
      [1, 9, 10, 11, 12],
      [20, 12, 3, 3, 3],
    ],
  ],
  ["instanceNormRelu", (x, g, s) => instanceNormRelu(x!, g!, s!), [[1, 19, 20, 21, 9], [9], [9]]],
  ["linear", (x, w, b) => linear(x!, w!, b!), [[2000, 24], [40, 24], [40]]],
  ["rotations", (generators) => rotations(tf.tensor(given([150, 3], 7).values, [150, 3]), generators!), [[3, 8, 8]]],
  ["sum", (x) => tf.sum(x!, 0), [[9000, 5]]],
];

test.each(ops)("%s and its gradients have the same bits on 1, 2 and 3 threads", async (_, op, shapes) => {
  const inputs = shapes.map((shape, i) => given(shape, i + 1));
  const results: ReturnType<typeof evaluate>[] = [];
  for (const threads of [1, 2, 3]) {
    await open({ threads });
    results.push(evaluate(op, inputs, 9));
  }
  expect(results[1]).toEqual(results[0]);
  expect(results[2]).toEqual(results[0]);
});

test("addresses above 2 GiB hold", async () => {
  await open({ threads: 2 });
  const { heap } = (tf.backend() as WasmBackend).engine;
  const below = heap.allocate(2 ** 31 + 2 ** 20); // grown, but never touched
  const op: Op = (x, w) => instanceNormRelu(conv3d(x!, w!), tf.ones([16]), tf.zeros([16]));
  const inputs = [given([1, 8, 8, 8, 16], 1), given([16, 16, 3, 3, 3], 2, 0.1)];
  const actual = evaluate(op, inputs, 3);
  const expected = evaluateOnCpu(op, inputs, 3);
  expect(relativeError(actual.output, expected.output)).toBeLessThan(1e-5);
  expect(relativeError(actual.gradients[1]!, expected.gradients[1]!)).toBeLessThan(1e-4);
  heap.free(below);
});

test("threads must be a positive number", async () => {
  await expect(openWasm({ threads: 0 })).rejects.toThrow("wasm: threads: expected a positive number, got 0");
});
