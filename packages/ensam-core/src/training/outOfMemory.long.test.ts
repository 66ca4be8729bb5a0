import { test } from "vitest";
import { describeOnWebgpu } from "../tensors/webgpu/testing/software.ts";
import { expectNothingLeft } from "./testing/failingAllocator.ts";
import { openWasmAllocator } from "./testing/wasmAllocator.ts";
import { webgpuAllocator } from "./testing/webgpuAllocator.ts";

const timeout = 3_600_000;

test("wasm: every allocation of a training step, failing once, leaves nothing behind", { timeout }, async () => {
  await expectNothingLeft(await openWasmAllocator(), { count: "all" });
});

await describeOnWebgpu("allocations of a training step", () => {
  test("50 of them, each failing once, leave nothing behind", { timeout }, async () => {
    await expectNothingLeft(webgpuAllocator(), { count: 50 });
  });
});
