import fc from "fast-check";
import { expect, test } from "vitest";
import { draftOver, draftWithDepth, moveFace } from "./boxDraft.ts";
import { brushDisc, lineBetween } from "./brushDisc.ts";
import { blockToRas, displayGrid, type RasVoxel, runsOf, toRas, toStored, type Zyx } from "./displayGrid.ts";

const side = fc.integer({ min: 1, max: 5 });
const order = fc.constantFrom([1, 2, 3], [1, 3, 2], [2, 1, 3], [2, 3, 1], [3, 1, 2], [3, 2, 1]);
const sign = fc.constantFrom(1, -1);
const anyGrid = fc.tuple(side, side, side, order, sign, sign, sign).map(([d, h, w, axes, a, b, c]) => {
  const perm = [axes[0]! * a, axes[1]! * b, axes[2]! * c];
  return displayGrid([d, h, w], perm);
});

test("a stored voxel and NiiVue's lead to each other; a negative axis counts from its end", () => {
  // x of 4 voxels runs left: its first voxel is NiiVue's last.
  const grid = displayGrid([2, 3, 4], [-1, 2, 3]);
  expect(toRas(grid, [0, 0, 0])).toEqual([3, 0, 0]);
  // z of the file runs to the right, x up, y backwards.
  const turned = displayGrid([2, 3, 4], [3, -2, 1]);
  expect(turned.size).toEqual([2, 3, 4]);
  expect(toRas(turned, [1, 0, 3])).toEqual([1, 2, 3]);
  fc.assert(
    fc.property(anyGrid, fc.nat(124), (grid, pick) => {
      const [d, h, w] = grid.shape;
      const index = pick % (d * h * w);
      const voxel: Zyx = [Math.floor(index / (h * w)), Math.floor(index / w) % h, index % w];
      expect(toStored(grid, toRas(grid, voxel))).toEqual(voxel);
    }),
  );
});

test("a block of labels arrives with every voxel in its place", () => {
  fc.assert(
    fc.property(anyGrid, fc.array(fc.nat(4), { minLength: 6, maxLength: 6 }), (grid, cuts) => {
      const low = grid.shape.map((n, axis) => Math.min(cuts[axis]!, n - 1));
      const high = grid.shape.map((n, axis) => low[axis]! + 1 + (cuts[axis + 3]! % (n - low[axis]!)));
      const [min, max] = [low as unknown as Zyx, high as unknown as Zyx];
      const size = max.map((v, axis) => v - min[axis]!);
      const labels = Uint8Array.from({ length: size[0]! * size[1]! * size[2]! }, (_, i) => i + 1);
      const block = blockToRas(grid, min, max, labels);
      let i = 0;
      for (let s = 0; s < block.size[2]; s++)
        for (let r = 0; r < block.size[1]; r++)
          for (let x = 0; x < block.size[0]; x++) {
            const ras = [block.origin[0] + x, block.origin[1] + r, block.origin[2] + s] as RasVoxel;
            const [z, y, at] = toStored(grid, ras);
            expect(block.data[i++]).toBe(((z - min[0]) * size[1]! + y - min[1]) * size[2]! + at - min[2] + 1);
          }
      expect(i).toBe(labels.length);
    }),
  );
});

test("voxels become ascending runs, each once", () => {
  expect(runsOf([7, 3, 4, 4, 9, 8])).toEqual([3, 2, 7, 3]);
  expect(runsOf([])).toEqual([]);
});

test("a rectangle gets the depth of its mean side in mm, around its slice, cut at the image", () => {
  // y 4 voxels of 2 mm, x 8 of 1 mm: both 8 mm; z of 4 mm: 2 voxels, 1 on each side of slice 5.
  expect(draftOver([5, 10, 3], [5, 7, 10], 0, [4, 2, 1], [20, 20, 20])).toEqual({ min: [4, 7, 3], max: [7, 11, 11] });
  expect(draftOver([0, 10, 3], [0, 7, 10], 0, [4, 2, 1], [20, 20, 20])).toEqual({ min: [0, 7, 3], max: [2, 11, 11] });
  const draft = { min: [4, 7, 3], max: [7, 11, 11] } as const;
  expect(draftWithDepth(draft, [12, 9, 0], [2, 9, 19], 0, [20, 20, 20])).toEqual({ min: [2, 7, 3], max: [13, 11, 11] });
});

test("a face of a box stops one voxel before the opposite one and at the image's border", () => {
  const draft = { min: [4, 7, 3], max: [7, 11, 11] } as const;
  expect(moveFace(draft, { axis: 0, isMax: true }, 9, [20, 20, 20]).max).toEqual([10, 11, 11]);
  expect(moveFace(draft, { axis: 0, isMax: true }, 1, [20, 20, 20]).max).toEqual([5, 11, 11]);
  expect(moveFace(draft, { axis: 2, isMax: false }, 30, [20, 20, 20]).min).toEqual([4, 7, 10]);
  expect(moveFace(draft, { axis: 1, isMax: true }, 90, [20, 20, 20]).max).toEqual([7, 20, 11]);
});

test("a brush covers the voxels whose centre is in its disc; a line has no gaps", () => {
  // Radius 2 mm: z of 3 mm reaches nothing, x of 1 mm two voxels.
  expect(brushDisc([5, 5, 5], 1, 2, [3, 1, 1], [10, 10, 10])).toEqual([553, 554, 555, 556, 557]);
  expect(brushDisc([0, 0, 0], 0, 1, [1, 1, 1], [10, 10, 10])).toEqual([0, 1, 10]);
  expect(lineBetween([1, 1, 1], [1, 3, 2])).toEqual([
    [1, 1, 1],
    [1, 2, 2],
    [1, 3, 2],
  ]);
  expect(lineBetween([1, 1, 1], [1, 1, 1])).toEqual([
    [1, 1, 1],
    [1, 1, 1],
  ]);
});
