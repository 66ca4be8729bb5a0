import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pooledShape, poolingFactors } from "../geometry/index.ts";
import { grid } from "./grid.ts";
import { maxPool } from "./pool.ts";
import { anyLabels } from "./testing/arbitraries.ts";

describe("pooling", () => {
  it("spares the smallest axis, and the first of equal ones", () => {
    expect(poolingFactors([40, 100, 100], 40 * 50 * 50)).toEqual([1, 2, 2]);
    expect(poolingFactors([8, 8, 8], 8 * 4 * 4)).toEqual([1, 2, 2]);
  });

  it("looks anew for the smallest axis after each halving", () => {
    // 20 x 100 x 24: halved to 20 x 50 x 12, and now x is the smallest: 10 x 25 x 12.
    expect(poolingFactors([20, 100, 24], 3000)).toEqual([2, 4, 2]);
  });

  it("does not divide an axis of one voxel, and leaves a grid within the budget alone", () => {
    expect(poolingFactors([1, 1, 1000], 10)).toEqual([1, 1, 128]);
    expect(poolingFactors([5, 5, 5], 125)).toEqual([1, 1, 1]);
    expect(() => poolingFactors([5, 5, 5], 0)).toThrow("expected a budget of 1 voxel or more, got 0");
  });

  it("ends within the budget for the paper's 4,194,304 voxels and a very large volume", () => {
    const shape = [1456, 590, 556] as const;
    const [z, y, x] = pooledShape(shape, poolingFactors(shape, 4_194_304));
    expect(z * y * x).toBeLessThanOrEqual(4_194_304);
  });

  it("takes the largest of each block, also of negative values and of the smaller blocks at the ends", () => {
    const pooled = maxPool(grid(Int16Array.of(-5, -3, -9, -8, -7, -1), [1, 2, 3]), [1, 2, 2]);
    expect(pooled).toEqual({ data: Int16Array.of(-3, -1), shape: [1, 1, 2] });
  });

  it("loses no label's presence and adds none", () => {
    fc.assert(
      fc.property(anyLabels, fc.constantFrom([1, 2, 2], [2, 1, 2], [4, 4, 1]), (labels, factors) => {
        const pooled = maxPool(labels, factors as [number, number, number]);
        expect(Math.max(...pooled.data)).toBe(Math.max(...labels.data));
        for (const value of pooled.data) expect(labels.data).toContain(value);
      }),
    );
  });
});
