import fc from "fast-check";
import { expect, test } from "vitest";
import { type Frame, frameOf, voxelCount, wholeBox, type Zyx } from "../geometry/index.ts";
import { reframeLogits } from "./reframeLogits.ts";

test("on the same grid the logits of the unpadded part stay, and the rest is the lowest", () => {
  const frame = frameOf([1, 1, 3], wholeBox([1, 1, 3]), 100);
  const logits = new Float32Array(voxelCount(frame.shape)).fill(-4);
  logits.set([1, 2, 3]);
  expect(reframeLogits(logits, frame, frame)).toEqual(logits);
});

test("a crop that grows keeps each voxel's logit at its new place", () => {
  const shape: Zyx = [6, 7, 30];
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 13, max: 30 }), (first, last) => {
      const small = frameOf(shape, { min: [1, 2, first], max: [5, 6, last] }, 1e6);
      const large = frameOf(shape, wholeBox(shape), 1e6);
      const logits = Float32Array.from({ length: voxelCount(small.shape) }, (_, i) => i % 97);
      const carried = reframeLogits(logits, small, large);
      const at = (frame: Frame, values: Float32Array, [z, y, x]: Zyx) =>
        values[(z * frame.shape[1] + y) * frame.shape[2] + x];
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
  const fine = frameOf([1, 4, 4], wholeBox([1, 4, 4]), 100);
  const coarse = frameOf([1, 4, 4], wholeBox([1, 4, 4]), 4); // cells of 1 x 2 x 2 voxels
  const logits = new Float32Array(voxelCount(fine.shape));
  for (let y = 0; y < 4; y++) logits.set([0, 1, 2, 3], y * 8);
  // Cell 0 holds the voxels 0 and 1, its middle is taken at voxel 1; cell 1 at voxel 3.
  expect([...reframeLogits(logits, fine, coarse).subarray(0, 2)]).toEqual([1, 3]);
});
