import { describe, expect, test } from "vitest";
import { readFixture } from "../model/testing/tinyCase.ts";
import { describeOnDevices } from "../tensors/testing/devices.ts";
import { usesAdamw } from "./groups.ts";
import type { Grouping } from "./index.ts";
import { goldenOptimizerTests } from "./testing/goldenOptimizers.ts";

describeOnDevices("golden optimizers", goldenOptimizerTests);

describe("groups", () => {
  test.each(["paper_parameters.json", "tiny_parameters.json"])("%s: every tensor is in its group", (file) => {
    const { tensors } = readFixture<{
      tensors: { name: string; shape: number[]; adamw: Record<"default" | "paper", boolean> }[];
    }>(file);
    for (const { name, shape, adamw } of tensors) {
      // The golden file calls the grouping `hidden` its default.
      for (const [grouping, key] of [
        ["hidden", "default"],
        ["paper", "paper"],
      ] satisfies [Grouping, keyof typeof adamw][]) {
        expect(usesAdamw(name, shape, grouping), `${name}, ${grouping}`).toBe(adamw[key]);
      }
      expect(usesAdamw(name, shape, "adamw")).toBe(true);
    }
  });
});
