import { test } from "vitest";
import { describeOnWebgpu } from "../tensors/webgpu/testing/software.ts";
import { expectNothingLeft } from "./testing/failingAllocator.ts";
import { webgpuAllocator } from "./testing/webgpuAllocator.ts";

await describeOnWebgpu("allocations of a training step", () => {
  test("5 of them, each failing once: nothing is left behind, and the step done again has the same bits", async () => {
    await expectNothingLeft(webgpuAllocator(), { count: 5 });
  });
});
