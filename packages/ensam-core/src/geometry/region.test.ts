import { expect, test } from "vitest";
import { growToward, objectRegion, regionOf } from "./region.ts";
import type { Zyx } from "./zyx.ts";

const shape: Zyx = [100, 200, 300];
const boxAt = (z: number, y: number, x: number) => ({ min: [z, y, x] as Zyx, max: [z + 4, y + 4, x + 4] as Zyx });
const click = (z: number, y: number, x: number, foreground = true) => ({ at: [z, y, x] as Zyx, foreground });

test("the region is the union of the boxes, 32 voxels larger and cut at the border", () => {
  const objects = [
    { label: 1, box: boxAt(10, 50, 100), clicks: [] },
    { label: 2, box: boxAt(60, 60, 60), clicks: [] },
  ];
  // z: 10 - 32 < 0, 64 + 32; y: 50 - 32, 64 + 32; x: 60 - 32, 104 + 32
  expect(regionOf(objects, shape)).toEqual({ min: [0, 18, 28], max: [96, 96, 136] });
});

test("an object without box means the whole volume, or the surroundings of its first foreground click if asked", () => {
  const objects = [{ label: 1, clicks: [click(90, 0, 0, false), click(50, 100, 150)] }];
  expect(regionOf(objects, shape)).toEqual({ min: [0, 0, 0], max: shape });
  // 20 voxels around (50, 100, 150), then grown to hold the click at (90, 0, 0) and 32 voxels around it
  expect(regionOf(objects, shape, 20)).toEqual({ min: [30, 0, 0], max: [100, 121, 171] });
});

test("an object alone gets the widest margin with the smallest cells, and grows for clicks outside", () => {
  const box = boxAt(50, 100, 150);
  const around = (margin: number) => ({
    min: [50 - margin, 100 - margin, 150 - margin],
    max: [54 + margin, 104 + margin, 154 + margin],
  });
  const region = (maxVoxels: number) => objectRegion({ box, clicks: [] }, shape, maxVoxels, 20);
  expect(region(68 ** 3)).toEqual(around(32));
  expect(region(68 ** 3 - 1)).toEqual(around(24)); // 32 would be pooled by 2 x 2, 24 not
  expect(region(52 ** 3 - 1)).toEqual(around(16));
  expect(region(36 ** 3 - 1)).toEqual(around(24)); // 32 by 4 x 4, 24 and 16 by 2 x 2: 52 * 26 * 26 = 35,152
  expect(region(52 * 26 * 26 - 1)).toEqual(around(16));
  const clicks = [click(50, 100, 150), click(90, 100, 150, false)];
  expect(objectRegion({ box, clicks }, shape, 68 ** 3, 20)).toEqual({ min: [18, 68, 118], max: [100, 136, 186] });
  expect(objectRegion({ clicks }, shape, 8, 20)).toEqual({ min: [30, 68, 118], max: [100, 133, 183] });
  expect(objectRegion({ clicks }, shape, 8, undefined)).toEqual({ min: [0, 0, 0], max: shape });
});

test("without objects the whole volume is the region", () => {
  expect(regionOf([], shape)).toEqual({ min: [0, 0, 0], max: shape });
});

test("a region grows only for voxels outside of it", () => {
  const region = { min: [10, 10, 10] as Zyx, max: [20, 20, 20] as Zyx };
  expect(growToward(region, [19, 10, 15], shape)).toBe(region);
  expect(growToward(region, [20, 10, 15], shape)).toEqual({ min: [0, 0, 0], max: [53, 43, 48] });
});
