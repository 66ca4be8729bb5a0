import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { DeviceUnavailable, openDevice, tf } from "../index.ts";

test("cpu opens and computes", async () => {
  const device = await openDevice("cpu");
  expect(device).toMatchObject({ name: "cpu", threads: 1 });
  expect(tf.getBackend()).toBe("cpu");
  device.dispose();
});

test("auto opens something and says what in one line", async () => {
  const device = await openDevice("auto");
  expect(["webgpu", "wasm", "cpu"]).toContain(device.name);
  expect(device.description).toMatch(/^[^\n]*auto[^\n]*$/);
  device.dispose();
});

test.each(["tensorflow", "abacus", "webgpu:x"])("%s is refused by name", async (name) => {
  const opening = openDevice(name as "webgpu");
  await expect(opening).rejects.toThrow(DeviceUnavailable);
  await expect(opening).rejects.toThrow(/^device: expected .* got /);
});

test("TensorFlow.js stays silent on both streams, first write included", async () => {
  const module = fileURLToPath(import.meta.resolve("@tensorflow/tfjs"));
  const script = `
    import * as tf from ${JSON.stringify(module)};
    tf.env().set("IS_NODE", false);
    await tf.setBackend("cpu");
    if (tf.ones([2]).dataSync()[1] !== 1) process.exit(1);`;
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" });
});
