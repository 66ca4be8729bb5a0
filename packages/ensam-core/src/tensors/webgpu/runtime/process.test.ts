import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layPlainRoom } from "../../testing/plainRoom.ts";
import { describeOnWebgpu } from "../testing/software.ts";

const run = promisify(execFile);
let folder: string;

beforeAll(() => {
  folder = layPlainRoom();
});
afterAll(() => rmSync(folder, { recursive: true }));

const script = `
  import { openDevice, tf } from "./src/tensors/index.js";
  const device = await openDevice("webgpu");
  const y = tf.add(tf.ones([300, 1000]), tf.ones([300, 1000]));
  process.stdout.write(device.name + " " + (await tf.sum(y).data())[0]);`;

function output(code: string, env: NodeJS.ProcessEnv = {}): Promise<{ stdout: string; stderr: string }> {
  writeFileSync(join(folder, "main.js"), code);
  return run(process.execPath, ["--expose-gc", join(folder, "main.js")], {
    timeout: 30_000,
    env: { ...process.env, ...env },
  });
}

await describeOnWebgpu("a process", () => {
  test("ends by itself, device open or disposed, and prints nothing of its own", async () => {
    expect(await output(script)).toEqual({ stdout: "webgpu 600000", stderr: "" });
    expect(await output(`${script}\ndevice.dispose();`)).toEqual({ stdout: "webgpu 600000", stderr: "" });
  });

  test("survives the collection of garbage and opening again", async () => {
    const again = `${script}
      device.dispose();
      for (let i = 0; i < 3; i++) {
        const next = await openDevice("webgpu:0");
        globalThis.gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
        process.stdout.write(", " + (await tf.sum(tf.ones([2000])).data())[0]);
        next.dispose();
        globalThis.gc();
      }`;
    expect((await output(again)).stdout).toBe("webgpu 600000, 2000, 2000, 2000");
  });

  test("auto does not take an adapter that computes on the processor", async () => {
    const auto = script.replace('"webgpu"', '"auto"');
    const { stdout } = await output(auto);
    if (stdout !== "webgpu 600000") expect(stdout).toBe("wasm 600000");
  });

  test("an adapter that is not there is refused by its number", async () => {
    const refused = script.replace('"webgpu"', '"webgpu:99"');
    await expect(output(refused)).rejects.toThrow(/webgpu: adapter: expected one of 0 \(.*\), got 99/);
  });
});

test("without a driver it is unavailable, which is said on standard error only", async () => {
  const code = `
    import { openDevice } from "./src/tensors/index.js";
    await openDevice("webgpu").catch((error) => process.stdout.write(error.name + ": " + error.message));`;
  const { stdout } = await output(code, { VK_DRIVER_FILES: "/no/such/driver.json" });
  expect(stdout).toMatch(/^DeviceUnavailable: webgpu: expected a GPU, got [^\n]*$/);
});
