import fc from "fast-check";
import { expect, test } from "vitest";
import type { Box } from "./box.ts";
import { noTurn } from "./axisTurn.ts";
import { boxToGrid, cellSize, cellToImage, frameOf, pointToGrid } from "./frame.ts";
import { excludeOthers } from "./prompts.ts";
import type { Zyx } from "./zyx.ts";

test("a crop of 40 x 100 x 100 under a budget of 100,000 is pooled in the plane, then padded to multiples of eight", () => {
  const frame = frameOf([60, 120, 120], { min: [10, 5, 5], max: [50, 105, 105] }, 100_000);
  // 40*100*100 = 400,000 > 100,000; halving the two larger axes once gives 40*50*50 = 100,000.
  expect(frame.pooling).toEqual([1, 2, 2]);
  expect(frame.content).toEqual([40, 50, 50]);
  expect(frame.shape).toEqual([40, 56, 56]);
});

test("a voxel at (12, 20, 21) lies in the cell (2, 7, 8) of a crop that starts at (10, 5, 5) and is pooled by 2 in the plane", () => {
  const frame = frameOf([60, 120, 120], { min: [10, 5, 5], max: [50, 105, 105] }, 100_000);
  // 12 - 10 = 2; (20 - 5) / 2 = 7.5; (21 - 5) / 2 = 8
  expect(pointToGrid(frame, [12, 20, 21])).toEqual([2, 7, 8]);
});

test("a prompt outside of the crop goes to the nearest cell", () => {
  const frame = frameOf([60, 120, 120], { min: [10, 5, 5], max: [50, 105, 105] }, 100_000);
  expect(pointToGrid(frame, [0, 119, 5])).toEqual([0, 49, 0]);
});

test("a box becomes the cells that hold a voxel of it, half-open", () => {
  const frame = frameOf([60, 120, 120], { min: [10, 5, 5], max: [50, 105, 105] }, 100_000);
  // x: voxels 6..9 are cells floor(1/2) = 0 to floor(4/2) = 2
  expect(boxToGrid(frame, { min: [10, 5, 6], max: [11, 7, 10] })).toEqual({ min: [0, 0, 0], max: [1, 1, 3] });
});

test("a cell is as large as the voxels that were pooled into it, along the axes as they are turned", () => {
  const crop = { min: [0, 0, 0], max: [40, 100, 100] } as Box;
  const plain = frameOf([40, 100, 100], crop, 100_000);
  expect([cellSize(plain), "spacing" in plain, "multiple" in plain]).toEqual([undefined, false, false]);
  expect(cellSize(frameOf([40, 100, 100], crop, 100_000, { spacing: [5, 0.5, 0.7] }))).toEqual([5, 1, 1.4]);
  const turn = { ...noTurn, order: [2, 0, 1] as const }; // The turned z is the stored x.
  const turned = frameOf([100, 100, 40], crop, 100_000, { turn, spacing: [0.5, 0.7, 5] });
  expect(cellSize(turned)).toEqual([5, 1, 1.4]);
});

test("a model of five stages gets grids of multiples of sixteen", () => {
  const frame = frameOf([60, 120, 120], { min: [10, 5, 5], max: [50, 105, 105] }, 100_000, { multiple: 16 });
  expect([frame.content, frame.shape]).toEqual([
    [40, 50, 50],
    [48, 64, 64],
  ]);
});

test("objects that exclude each other get the others' clicks inside as clicks outside, behind their own", () => {
  const click = (x: number, foreground: boolean) => ({ at: [0, 0, x] as Zyx, foreground });
  const objects = [
    { label: 1, name: "a", clicks: [click(1, true), click(2, false)] },
    { label: 5, name: "b", clicks: [click(3, true)] },
    { label: 7, name: "c", clicks: [] },
  ];
  expect(excludeOthers(objects)).toEqual([
    { label: 1, name: "a", clicks: [click(1, true), click(2, false), click(3, false)] },
    { label: 5, name: "b", clicks: [click(3, true), click(1, false)] },
    { label: 7, name: "c", clicks: [click(1, false), click(3, false)] },
  ]);
  expect(excludeOthers(objects.slice(0, 1))).toEqual(objects.slice(0, 1));
});

test("a crop that leaves the volume is refused", () => {
  expect(() => frameOf([8, 8, 8], { min: [0, 0, 0], max: [8, 9, 8] }, 1000)).toThrow(/expected a non-empty box inside/);
  expect(() => frameOf([8, 8, 8], { min: [4, 0, 0], max: [4, 8, 8] }, 1000)).toThrow(/expected a non-empty box inside/);
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
    return { frame: frameOf(shape, crop, maxVoxels), voxel: voxel as unknown as Zyx };
  });

test("every voxel of the crop lies in the cell that it is mapped to, and every cell on the unpadded grid", () => {
  fc.assert(
    fc.property(volumes, ({ frame, voxel }) => {
      const cell = pointToGrid(frame, voxel);
      const holder = cellToImage(frame, cell);
      for (let axis = 0; axis < 3; axis++) {
        expect(voxel[axis]).toBeGreaterThanOrEqual(holder.min[axis]!);
        expect(voxel[axis]).toBeLessThan(holder.max[axis]!);
        expect(cell[axis]).toBeLessThan(frame.content[axis]!);
        expect(frame.shape[axis]! % 8).toBe(0);
        expect(frame.shape[axis]! - frame.content[axis]!).toBeLessThan(8);
      }
    }),
  );
});
