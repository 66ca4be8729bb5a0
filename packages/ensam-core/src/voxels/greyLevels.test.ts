import { expect, test } from "vitest";
import { greyLevels, passedThrough } from "./greyLevels.ts";
import type { VoxelArray } from "./grid.ts";
import { parseWindow, windows } from "./intensity.ts";

const line = (data: VoxelArray) => ({ data, shape: [1, 1, data.length] as const });

test("bytes stay as they are", () => {
  const { grid, rule } = greyLevels(line(Uint8Array.of(3, 7, 200)));
  expect([...grid.data]).toEqual([3, 7, 200]);
  expect(rule.rule).toBe("unchanged");
});

test("an image of a wider type is stretched although its values lie in [0, 255], as PET in SUV does", () => {
  // Percentiles of 2, 4, 200 are 2.02 and 198.04; (4 - 2.02) / 196.02 * 255 = 2.58.
  expect([...greyLevels(line(Int16Array.of(0, 2, 4, 200))).grid.data]).toEqual([0, 0, 2, 255]);
  expect([...greyLevels(line(Float32Array.of(0, 1, 3, 5))).grid.data].at(-1)).toBe(255);
});

test("grey levels in a wider type pass through, rounded; other values are refused", () => {
  const { grid, notFinite } = passedThrough(line(Float32Array.of(0, 7.4, 7.6, 255, Number.NaN, Infinity)));
  expect([...grid.data]).toEqual([0, 7, 8, 255, 0, 0]);
  expect(notFinite).toBe(2);
  for (const wrong of [-1, 255.5]) {
    expect(() => passedThrough(line(Float32Array.of(0, wrong)))).toThrow(
      `image: expected grey levels in [0, 255] to pass through, got ${wrong}`,
    );
  }
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
