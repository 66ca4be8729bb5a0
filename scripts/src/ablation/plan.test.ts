import { expect, test } from "vitest";
import { planText } from "./plan.ts";

test("a run is one process: one has no half, and of three one has nothing beside it", () => {
  // 2000 steps of 1 s and what is beside them: 2000 * 1.35 / 3600 = 0.75 hours a run.
  const last = (...runs: string[]) => planText(runs, [], 2000, 1).trim().split("\n").at(-1);
  expect(last("base-s1")).toBe("about 0.8 hours");
  expect(last("base-s1", "mm-s1", "rope-s1")).toBe("about 2.3 hours one after the other, 1.5 two at once (-j2)");
});
