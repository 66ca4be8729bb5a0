import fc from "fast-check";
import { expect, test } from "vitest";
import { wholeBox, type Zyx } from "../voxels/index.ts";
import { carryLogits } from "./carry.ts";
import { paddedCount, viewOf } from "./view.ts";

test("on the same grid the logits of the unpadded part stay, and the rest is the lowest", () => {
  const view = viewOf([1, 1, 3], wholeBox([1, 1, 3]), 100);
  const logits = new Float32Array(paddedCount(view)).fill(-4);
  logits.set([1, 2, 3]);
  expect(carryLogits(logits, view, view)).toEqual(logits);
});

test("a crop that grows keeps each voxel's logit at its new place", () => {
  const shape: Zyx = [6, 7, 30];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 13, max: 30 }), (first, last) => {
      const small = viewOf(shape, { min: [1, 2, first], max: [5, 6, last] }, 1e6);
      const large = viewOf(shape, wholeBox(shape), 1e6);
      const logits = Float32Array.from({ length: paddedCount(small) }, (_, i) => i % 97);
      const carried = carryLogits(logits, small, large);
      const at = (view: typeof small, values: Float32Array, [z, y, x]: Zyx) =>
        values[(z * view.paddedShape[1] + y) * view.paddedShape[2] + x];
      for (let z = 0; z < 4; z++)
        for (let y = 0; y < 4; y++)
          for (let x = 0; x < last - first; x++)
            expect(at(large, carried, [z + 1, y + 2, x + first])).toBe(at(small, logits, [z, y, x]));
      expect(at(large, carried, [0, 0, 0])).toBe(0); // Outside: the lowest of 0, 1, ... 96.
    }),
    { numRuns: 20 },
  );
});

test("on a coarser grid a cell reads the middle of its voxels", () => {
  const fine = viewOf([1, 4, 4], wholeBox([1, 4, 4]), 100);
  const coarse = viewOf([1, 4, 4], wholeBox([1, 4, 4]), 4); // cells of 1 x 2 x 2 voxels
  const logits = new Float32Array(paddedCount(fine));
  for (let y = 0; y < 4; y++) logits.set([0, 1, 2, 3], y * 8);
  // Cell 0 holds the voxels 0 and 1, its middle is taken at voxel 1; cell 1 at voxel 3.
  expect([...carryLogits(logits, fine, coarse).subarray(0, 2)]).toEqual([1, 3]);
});
