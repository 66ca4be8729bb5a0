import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layPlainRoom } from "../testing/plainRoom.ts";

/** What an installation without GPU has of TensorFlow.js: neither the union package nor layers, converter, WebGL. */
const packages = ["core", "backend-cpu", "backend-webgpu"].map((name) => `node_modules/@tensorflow/tfjs-${name}`);
let folder: string;

beforeAll(() => {
  folder = layPlainRoom(packages);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What a program prints that has the room's names. */
async function printed(code: string): Promise<{ stdout: string; stderr: string }> {
  writeFileSync(join(folder, "main.js"), `import { openDevice, tf } from "./src/tensors/index.js";\n${code}`);
  return promisify(execFile)(process.execPath, [join(folder, "main.js")], { timeout: 30_000 });
}

test("without the package webgpu auto computes on the processor and says how to add a GPU", async () => {
  const { stdout, stderr } = await printed(`
    const device = await openDevice("auto");
    // d/dx of x^2 at 3 is 6.
    console.log(device.name, tf.grad((x) => tf.square(x))(tf.scalar(3)).dataSync()[0], device.description);`);
  expect(stdout).toMatch(/^wasm 6 .*the npm package webgpu is not installed: "make setup-webgpu" adds it/);
  expect(stderr).toBe("");
});

test("without it the device webgpu is refused with the line that adds it", async () => {
  const { stdout } = await printed('await openDevice("webgpu").catch((e) => console.log(e.name, e.message));');
  expect(stdout).toMatch(
    /^DeviceUnavailable webgpu: expected the npm package webgpu .*got none installed: "make setup-webgpu" adds it/,
  );
});

test("the stock reference is silent on both streams, first write included, and knows the stock gradients", async () => {
  const { stdout, stderr } = await printed(`
    await openDevice("cpu");
    const mean = tf.grad((x) => tf.mean(tf.softmax(x)))(tf.tensor1d([1, 2])).dataSync();
    process.exitCode = Math.max(...mean.map(Math.abs)) < 1e-6 ? 0 : 1; // The mean of a softmax never changes.`);
  expect({ stdout, stderr }).toEqual({ stdout: "", stderr: "" });
});
