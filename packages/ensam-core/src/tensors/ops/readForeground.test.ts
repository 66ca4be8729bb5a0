import { afterAll, beforeAll, expect, test } from "vitest";
import type { Device } from "../devices/device.ts";
import { openDevice, tf } from "../index.ts";
import { describeOnWebgpu } from "../webgpu/testing/software.ts";
import { readForeground } from "./readForeground.ts";

/** 70 voxels: two words of bits and six bits of a third. Zero, minus zero and NaN are no foreground. */
const values = Float32Array.from({ length: 70 }, (_, i) => (i % 3) - 1);
values.set([0, -0, Number.NaN, 1e-30, Number.POSITIVE_INFINITY], 31);
const expected = Uint8Array.from(values, (value) => (value > 0 ? 1 : 0));

async function expectForeground(): Promise<void> {
  const logits = tf.tensor(values.slice(), [1, 7, 2, 5, 1]);
  const loss = tf.tensor1d([1.5, -0.25, 1e-20]);
  const before = tf.memory().numTensors;
  const whole = await readForeground(logits, loss);
  expect(whole.foreground).toEqual(expected);
  expect(whole.loss).toEqual([...Float32Array.of(1.5, -0.25, 1e-20)]);
  expect(await readForeground(logits)).toEqual({ foreground: expected, loss: [0, 0, 0] });
  expect(tf.memory().numTensors).toBe(before);
  await expect(readForeground(logits, logits)).rejects.toThrow(/^readForeground: loss: expected \[3\]/);
  tf.dispose([logits, loss]);
}

let device: Device;
beforeAll(async () => {
  device = await openDevice("wasm", { threads: 1 });
});
afterAll(() => device.dispose());
test("wasm: what is above zero is read, with the loss", expectForeground);

await describeOnWebgpu("foreground", () => {
  test("webgpu: it comes as bits, and says the same", expectForeground);
});
