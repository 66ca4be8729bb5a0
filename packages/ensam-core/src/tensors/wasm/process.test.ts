import { execFile } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { layPlainRoom } from "../testing/plainRoom.ts";

const run = promisify(execFile);
let folder: string;

beforeAll(() => {
  folder = layPlainRoom();
});
afterAll(() => rmSync(folder, { recursive: true }));

const script = `
  import { openWasm } from "./src/tensors/wasm/openWasm.js";
  import { tf } from "./src/tensors/tf.js";
  const device = await openWasm({ threads: 3 });
  const y = tf.add(tf.ones([300, 1000]), tf.ones([300, 1000]));
  process.stdout.write(device.threads + " threads, " + tf.sum(y).dataSync()[0]);`;

async function output(code: string): Promise<{ stdout: string; stderr: string }> {
  writeFileSync(join(folder, "main.js"), code);
  return run(process.execPath, [join(folder, "main.js")], { timeout: 20_000 });
}

test("a process with sleeping worker threads ends by itself", async () => {
  expect(await output(script)).toEqual({ stdout: "3 threads, 600000", stderr: "" });
});

test("the engine runs inside a worker thread, which ends by itself", async () => {
  writeFileSync(join(folder, "inner.js"), script);
  const outer = `
    import { Worker } from "node:worker_threads";
    const worker = new Worker(new URL("./inner.js", import.meta.url));
    worker.on("exit", (code) => process.stdout.write(", exit " + code));`;
  expect(await output(outer)).toEqual({ stdout: "3 threads, 600000, exit 0", stderr: "" });
});

test("ENSAM_THREADS sets the number of threads", async () => {
  const counting = script
    .replace("{ threads: 3 }", "")
    .replace("import {", 'process.env.ENSAM_THREADS = "1";\nimport {');
  expect((await output(counting)).stdout).toBe("1 threads, 600000");
});
