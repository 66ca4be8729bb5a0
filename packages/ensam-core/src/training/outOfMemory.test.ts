import { test } from "vitest";
import { expectNothingLeft } from "./testing/failingAllocator.ts";
import { openWasmAllocator } from "./testing/wasmAllocator.ts";

test("wasm: 20 allocations of a training step, each failing once: nothing is left behind, and the step done again has the same bits", async () => {
  await expectNothingLeft(await openWasmAllocator(), { count: 20 });
});
