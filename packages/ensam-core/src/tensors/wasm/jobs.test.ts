import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { OutOfMemory } from "../outOfMemory.ts";
import { createHeap } from "./heap.ts";
import { createRunner, words } from "./jobs.ts";

const page = 65536;

/** A runner whose one kernel is a function of this test: it notes the scratch address it was given. */
function runnerOn(pages: number, { threads = 1, patience = 60_000 } = {}) {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: pages, shared: true });
  const heap = createHeap(memory, 0, pages * page);
  const control = heap.allocate(words.count * 4);
  const seen: number[] = [];
  const exports = { note: (_parameters: number, _task: number, scratch: number) => void seen.push(scratch) };
  const { allocate, free } = heap;
  const runner = createRunner({ memory, exports, kernelNames: ["note"], control, threads, patience, allocate, free });
  const run = (scratchBytes: number, tasks = 1) => runner.run({ kernel: "note", parameters: [], tasks, scratchBytes });
  return { memory, heap, control, seen, run };
}

test("a job that finds no room for its scratch leaves the scratch of the jobs before it in place", () => {
  const { heap, run, seen } = runnerOn(16); // 1 MiB
  run(1000);
  expect(() => run(2 << 20)).toThrow(OutOfMemory);
  const before = heap.statistics().heapBytes;
  const tensor = heap.allocate(8000); // Where the scratch was, had it been given back.
  run(1000);
  expect(seen[1]).toBe(seen[0]);
  // Scratch of 1000 bytes takes two pages of 4096 bytes and a line of 64.
  expect(Math.abs(tensor - seen[1]!)).toBeGreaterThanOrEqual(8000);
  expect(heap.statistics().heapBytes - before).toBe(8000);
});

test("a larger scratch takes the place of the one before", () => {
  const { heap, run } = runnerOn(64);
  run(1000);
  const small = heap.statistics().heapBytes;
  run(10_000);
  // (ceil(1000 / 4096) + 1) x 4096 + 64 = 8256 bytes before, (3 + 1) x 4096 + 64 = 16448 bytes now; lines of 64 both.
  expect(heap.statistics().heapBytes - small).toBe(16448 - 8256);
});

/** Takes part in the first job it sees, and ends amid its task. */
const dying = `
  const { workerData: { memory, control: address, words }, parentPort } = require("node:worker_threads");
  const control = new Int32Array(memory.buffer, address, words.count);
  parentPort.postMessage("ready");
  Atomics.wait(control, words.generation, 0);
  Atomics.add(control, words.active, 1);
  process.exit(1);`;

test("a thread that dies amid a task does not hang its caller, and the jobs after it are refused at once", async () => {
  const { memory, control, run } = runnerOn(16, { threads: 2, patience: 300 });
  const worker = new Worker(dying, { eval: true, workerData: { memory, control, words } });
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  await new Promise((resolve) => worker.once("message", resolve));
  const view = new Int32Array(memory.buffer, control, words.count);
  // The caller is done with its own tasks before the thread has woken; so it waits for the thread to have begun.
  const begun = () => {
    while (Atomics.load(view, words.active) === 0) Atomics.wait(view, words.active, 0, 1);
  };
  Atomics.store(view, words.generation, 1);
  Atomics.notify(view, words.generation);
  begun();
  expect(() => run(0, 4)).toThrow(
    "wasm: note: expected every kernel thread to end its task, got none from one that is gone",
  );
  expect(() => run(0, 1)).toThrow(/^wasm: note: expected every kernel thread/);
  await ended;
});

test("a thread that died while it had nothing to do costs nothing: the others do the tasks", async () => {
  const { memory, control, run, seen } = runnerOn(16, { threads: 2, patience: 300 });
  const worker = new Worker("process.exit(1)", { eval: true, workerData: { memory, control } });
  await new Promise((resolve) => worker.once("exit", resolve));
  run(0, 4);
  expect(seen).toHaveLength(4);
});
