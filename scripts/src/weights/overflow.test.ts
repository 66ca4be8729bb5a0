import { expect, test } from "vitest";
import { overflowOf } from "./overflow.ts";

test("weights that are too large for half floats or no numbers are named", () => {
  expect(overflowOf({ a: { data: Float32Array.of(1, -65504) } })).toBeUndefined();
  expect(overflowOf({ a: { data: Float32Array.of(1) }, b: { data: Float32Array.of(70000) } })).toBe(
    "b: expected values that a half float holds, got 70000",
  );
  expect(overflowOf({ a: { data: Float32Array.of(Number.NaN) } })).toMatch(/got NaN/);
});
