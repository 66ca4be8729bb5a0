import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SampleRequest } from "./prepareSample.ts";
import { inProcessPool, openSamplePool } from "./samplePool.ts";
import { writePhantom } from "./testing/phantom.ts";

let folder = "";
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ensam-pool-"));
  for (let i = 0; i < 3; i++) await writePhantom(folder, `ball_${i}`);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

// Worker threads run our sources through a loader here, as there may be no build.
const execArgv = ["--import", new URL("./testing/registerTypeScript.mjs", import.meta.url).href];
const request = (row: number, epoch = 0): SampleRequest => ({
  case: `ball_${row}`,
  npz: join(folder, `ball_${row}.npz`),
  seed: 1,
  epoch,
  row,
  options: { maxVoxels: 500, noBox: 0.3 },
});

test("two worker threads prepare the very samples that are prepared without threads", async () => {
  const requests = [0, 1, 2, 3].flatMap((epoch) => [0, 1, 2].map((row) => request(row, epoch)));
  const pool = openSamplePool(2, execArgv);
  const parallel = await Promise.all(requests.map((each) => pool.prepare(each)));
  await pool.close();
  const alone = inProcessPool();
  for (const [i, each] of requests.entries()) expect(parallel[i]).toEqual(await alone.prepare(each));
});

test("an error in a worker names the case, and the worker goes on", async () => {
  writeFileSync(join(folder, "ball_1.npz"), "broken");
  const pool = openSamplePool(1, execArgv);
  await expect(pool.prepare(request(1))).rejects.toThrow(/^ball_1: .*ball_1\.npz: expected/);
  expect((await pool.prepare(request(0))).label).toBe(2);
  await pool.close();
});

test("a pool that is closed refuses what it had not begun", async () => {
  const pool = openSamplePool(1, execArgv);
  const prepared = [0, 1, 2].map((row) => pool.prepare(request(row)));
  const settled = Promise.allSettled(prepared);
  await pool.close();
  const states = (await settled).map(({ status }) => status);
  expect(states.slice(1)).toEqual(["rejected", "rejected"]);
});
