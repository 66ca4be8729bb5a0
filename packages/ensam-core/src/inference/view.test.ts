import fc from "fast-check";
import { expect, test } from "vitest";
import type { Box, Zyx } from "../voxels/index.ts";
import { cellOf, cornersOf, viewOf, voxelsOf } from "./view.ts";

test("a crop of 40 x 100 x 100 under a budget of 100,000 is pooled in the plane, then padded to multiples of eight", () => {
  const view = viewOf([60, 120, 120], { min: [10, 5, 5], max: [50, 105, 105] }, 100_000);
  // 40*100*100 = 400,000 > 100,000; halving the two larger axes once gives 40*50*50 = 100,000.
  expect(view.factors).toEqual([1, 2, 2]);
  expect(view.pooledShape).toEqual([40, 50, 50]);
  expect(view.paddedShape).toEqual([40, 56, 56]);
});

test("a voxel at (12, 20, 21) lies in the cell (2, 7, 8) of a crop that starts at (10, 5, 5) and is pooled by 2 in the plane", () => {
  const view = viewOf([60, 120, 120], { min: [10, 5, 5], max: [50, 105, 105] }, 100_000);
  // 12 - 10 = 2; (20 - 5) / 2 = 7.5; (21 - 5) / 2 = 8
  expect(cellOf(view, [12, 20, 21])).toEqual([2, 7, 8]);
});

test("a prompt outside of the crop goes to the nearest cell", () => {
  const view = viewOf([60, 120, 120], { min: [10, 5, 5], max: [50, 105, 105] }, 100_000);
  expect(cellOf(view, [0, 119, 5])).toEqual([0, 49, 0]);
});

test("a box becomes its first and its last cell, both inclusive", () => {
  const view = viewOf([60, 120, 120], { min: [10, 5, 5], max: [50, 105, 105] }, 100_000);
  // x: voxels 6..9 are cells floor(1/2) = 0 to floor(4/2) = 2
  expect(cornersOf(view, { min: [10, 5, 6], max: [11, 7, 10] })).toEqual({ low: [0, 0, 0], high: [0, 0, 2] });
});

test("a crop that leaves the volume is refused", () => {
  expect(() => viewOf([8, 8, 8], { min: [0, 0, 0], max: [8, 9, 8] }, 1000)).toThrow(/expected a non-empty box inside/);
  expect(() => viewOf([8, 8, 8], { min: [4, 0, 0], max: [4, 8, 8] }, 1000)).toThrow(/expected a non-empty box inside/);
});

const volumes = fc
  .record({
    shape: fc.tuple(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 90 })),
    ends: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 9, maxLength: 9 }),
    maxVoxels: fc.integer({ min: 64, max: 50_000 }),
  })
  .map(({ shape, ends, maxVoxels }) => {
    const low = shape.map((size, axis) => Math.floor(Math.min(ends[axis]!, ends[axis + 3]!) * (size - 1)));
    const high = shape.map((size, axis) => Math.floor(Math.max(ends[axis]!, ends[axis + 3]!) * (size - 1)) + 1);
    const voxel = low.map((first, axis) => first + Math.floor(ends[axis + 6]! * (high[axis]! - first - 1)));
    const crop: Box = { min: low as unknown as Zyx, max: high as unknown as Zyx };
    return { view: viewOf(shape, crop, maxVoxels), voxel: voxel as unknown as Zyx };
  });

test("every voxel of the crop lies in the cell that it is mapped to, and every cell on the unpadded grid", () => {
  fc.assert(
    fc.property(volumes, ({ view, voxel }) => {
      const cell = cellOf(view, voxel);
      const holder = voxelsOf(view, cell);
      for (let axis = 0; axis < 3; axis++) {
        expect(voxel[axis]).toBeGreaterThanOrEqual(holder.min[axis]!);
        expect(voxel[axis]).toBeLessThan(holder.max[axis]!);
        expect(cell[axis]).toBeLessThan(view.pooledShape[axis]!);
        expect(view.paddedShape[axis]! % 8).toBe(0);
        expect(view.paddedShape[axis]! - view.pooledShape[axis]!).toBeLessThan(8);
      }
    }),
  );
});
