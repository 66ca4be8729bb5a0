import { OutOfMemory } from "@ensam/core/tensors";
import { afterEach, expect, test } from "vitest";
import { attempt } from "./attempt.ts";

afterEach(() => {
  process.exitCode = undefined;
});

async function rowsOf(error: Error | undefined, deadline = 10, times = [0, 0, 0, 0]): Promise<unknown[]> {
  let i = 0;
  async function* measurements() {
    yield 1;
    yield 2;
    if (error !== undefined) throw error;
    yield 3;
  }
  const rows: unknown[] = [];
  for await (const row of attempt("it", deadline, measurements, () => times[i++]!)) rows.push(row);
  return rows;
}

const late = (what: string) => ({ type: "omitted", what, reason: "time budget" });

test("all rows come where nothing fails", async () => {
  expect(await rowsOf(undefined)).toEqual([1, 2, 3]);
});

test("running out of memory is a result, other failures are and make the process fail", async () => {
  const full = new OutOfMemory("webgpu: memory: full", { neededBytes: 2, limitBytes: 1 });
  expect(await rowsOf(full)).toEqual([1, 2, { type: "omitted", what: "it", reason: "webgpu: memory: full" }]);
  expect(process.exitCode).toBeUndefined();
  expect(await rowsOf(new Error("broken"))).toEqual([1, 2, { type: "omitted", what: "it", reason: "broken" }]);
  expect(process.exitCode).toBe(1);
});

test("a lost device is not tried again", async () => {
  const lost = new Error("webgpu: expected the device to stay, got it lost (unknown): gone");
  await expect(rowsOf(lost)).rejects.toThrow("got it lost");
});

test("what would begin after the deadline is left out, and what goes on after it", async () => {
  expect(await rowsOf(undefined, 5, [5])).toEqual([late("it")]);
  expect(await rowsOf(undefined, 5, [0, 4, 6])).toEqual([1, 2, late("the rest of it")]);
  expect(await rowsOf(undefined, 5, [0, 1, 2, 6])).toEqual([1, 2, 3]); // the last one was late: nothing is missing
});
