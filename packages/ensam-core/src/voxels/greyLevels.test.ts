import { expect, test } from "vitest";
import { greyLevels } from "./greyLevels.ts";
import type { VoxelArray } from "./grid.ts";
import { parseWindow, windows } from "./intensity.ts";

const line = (data: VoxelArray) => ({ data, shape: [1, 1, data.length] as const });

test("whole numbers in [0, 255] stay as they are, whatever their type", () => {
  const { grid, rule } = greyLevels(line(Int16Array.of(0, 7, 255)));
  expect([...grid.data]).toEqual([0, 7, 255]);
  expect(rule.rule).toBe("unchanged");
});

test("one value over 255 is enough to stretch an image", () => {
  // Percentiles of 2, 4, 256 are about 2 and 256; (4 - 2.02) / 251.5 * 255 is just over 2.
  expect([...greyLevels(line(Int16Array.of(0, 2, 4, 256))).grid.data]).toEqual([0, 0, 2, 255]);
});

test("real numbers in [0, 255] are stretched: PET in SUV is no 8-bit image", () => {
  expect([...greyLevels(line(Float32Array.of(0, 1, 3, 5))).grid.data].at(-1)).toBe(255);
});

test("voxels that are not finite become 0 and are counted", () => {
  const { grid, notFinite } = greyLevels(line(Float32Array.of(-1000, 40, Number.NaN, Infinity)), windows.soft);
  // -160 becomes 0 and 40, the largest finite value, 255.
  expect([...grid.data]).toEqual([0, 255, 0, 0]);
  expect(notFinite).toBe(2);
});

test("an image of one value becomes 0", () => {
  expect([...greyLevels(line(Int16Array.of(9, 9))).grid.data]).toEqual([0, 0]);
});

test("a window is a name or width/level in HU", () => {
  expect(parseWindow("lung")).toEqual({ level: -160, width: 1500 });
  expect(parseWindow("400/-40")).toEqual({ width: 400, level: -40 });
  for (const wrong of ["liver", "0/40", "400", "400/", "-400/40"]) expect(parseWindow(wrong)).toBeUndefined();
});
