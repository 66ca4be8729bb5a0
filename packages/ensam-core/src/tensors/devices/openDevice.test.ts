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
