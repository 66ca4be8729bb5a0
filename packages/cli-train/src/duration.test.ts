import { expect, test } from "vitest";
import { parseDuration } from "./duration.ts";

test("times are read with and without units", () => {
  expect(parseDuration("90")).toBe(90);
  expect(parseDuration("90s")).toBe(90);
  expect(parseDuration("1h30m")).toBe(3600 + 30 * 60);
  expect(parseDuration("0.5h")).toBe(1800);
  expect(parseDuration("2d")).toBe(172_800);
});

test("what is not a time is refused", () => {
  for (const text of ["", "0", "0s", "-5", "soon", "5x", "h"]) expect(parseDuration(text)).toBeUndefined();
});
