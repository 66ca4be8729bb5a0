import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  affineOfLps,
  affineOfSpacing,
  axisCodes,
  isSheared,
  spacingOfAffine,
  voxelToWorld,
  worldToVoxel,
  type Zyx,
} from "./index.ts";

const tilted = [0.5, 0, 0, 10, 0, 0.5, 0.3, 20, 0, 0, 2, 30, 0, 0, 0, 1];

describe("an affine", () => {
  test("of a spacing runs left, back and up, as ITK has it", () => {
    expect(affineOfSpacing([3, 2, 1])).toEqual([-1, 0, 0, 0, 0, -2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 1]);
    expect(spacingOfAffine(affineOfSpacing([3, 2, 1]))).toEqual([3, 2, 1]);
    expect(axisCodes(affineOfSpacing([3, 2, 1]))).toBe("LPS");
  });

  test("of LPS directions negates the first two rows, origin too", () => {
    // x runs to the back, y to the left: columns (0, 1, 0) and (1, 0, 0) in LPS.
    const affine = affineOfLps([2, 3, 4], [0, 1, 0, 1, 0, 0, 0, 0, 1], [10, 20, 30]);
    expect(affine).toEqual([0, -3, 0, -10, -2, 0, 0, -20, 0, 0, 4, 30, 0, 0, 0, 1]);
    expect(axisCodes(affine)).toBe("PLS");
  });

  test("takes voxel (z, y, x) = (1, 2, 4) to mm by hand", () => {
    // right 0.5·4 + 10 = 12; anterior 0.5·2 + 0.3·1 + 20 = 21.3; superior 2·1 + 30 = 32
    expect(voxelToWorld(tilted, [1, 2, 4])).toEqual([12, 21.3, 32]);
  });

  test("has its column lengths as spacing: √(0.3² + 2²) along z", () => {
    expect(spacingOfAffine(tilted)).toEqual([Math.hypot(0.3, 2), 0.5, 0.5]);
  });

  test("is sheared when two columns are not at right angles", () => {
    expect(isSheared(tilted)).toBe(true);
    expect(isSheared(affineOfSpacing([3, 2, 1]))).toBe(false);
  });

  test("and its inverse undo each other", () => {
    const length = fc.double({ min: 0.2, max: 5, noNaN: true });
    const offset = fc.double({ min: -200, max: 200, noNaN: true });
    const index = fc.double({ min: -50, max: 500, noNaN: true });
    const property = fc.property(
      length,
      length,
      length,
      offset,
      fc.double({ min: -0.5, max: 0.5, noNaN: true }),
      index,
      index,
      index,
      (x, y, z, at, lean, i, j, k) => {
        const affine = [0, -y, lean * z, at, x, 0, 0, -at, 0, lean * y, z, at / 2, 0, 0, 0, 1];
        const voxel: Zyx = [k, j, i];
        worldToVoxel(affine, voxelToWorld(affine, voxel)).forEach((value, axis) => {
          expect(value).toBeCloseTo(voxel[axis]!, 6);
        });
      },
    );
    fc.assert(property);
  });
});
