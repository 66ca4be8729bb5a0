import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Zyx } from "../geometry/index.ts";
import { distanceTransform, squaredDistance } from "./distance.ts";
import { squaredDistanceInside } from "./distanceInside.ts";
import type { Mask } from "./grid.ts";
import { anyMask, anySpacing } from "./testing/arbitraries.ts";

describe("squared distance inside, in voxels", () => {
  it("is the least over all voxels outside, those beyond the border included", () => {
    fc.assert(
      fc.property(anyMask, (mask) => {
        expect([...squaredDistanceInside(mask).data]).toEqual(bruteForce(mask, [1, 1, 1], true));
      }),
      { numRuns: 300 },
    );
  });

  it("of a full volume grows towards its middle", () => {
    const full: Mask = { data: new Uint8Array(125).fill(1), shape: [5, 5, 5] };
    expect(squaredDistanceInside(full).data[62]).toBe(9);
  });
});

describe("distance with spacing", () => {
  it.each(["open", "closed"] as const)("with an %s border is the least over all voxels outside", (border) => {
    fc.assert(
      fc.property(anyMask, anySpacing, (mask, spacing) => {
        const want = bruteForce(mask, spacing, border === "closed");
        squaredDistance(mask, spacing, { border }).data.forEach((value, i) => {
          if (want[i] === Infinity) expect(value).toBe(Infinity);
          else expect(Math.abs(value - want[i]!)).toBeLessThanOrEqual(1e-12 * want[i]!);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("of one voxel is the smallest step, and infinite where nothing is outside", () => {
    const data = new Uint8Array(27);
    data[13] = 1;
    expect(distanceTransform({ data, shape: [3, 3, 3] }, [2.5, 0.8, 1]).data[13]).toBeCloseTo(0.8, 15);
    const full: Mask = { data: new Uint8Array(8).fill(1), shape: [2, 2, 2] };
    expect(distanceTransform(full, [1, 1, 1]).data[0]).toBe(Infinity);
    expect(distanceTransform(full, [3, 2, 1], { border: "closed" }).data[0]).toBe(1);
  });

  it("grows with the spacing", () => {
    fc.assert(
      fc.property(anyMask, anySpacing, (mask, [z, y, x]) => {
        const once = distanceTransform(mask, [z, y, x]).data;
        const twice = distanceTransform(mask, [2 * z, 2 * y, 2 * x]).data;
        once.forEach((value, i) => {
          expect(twice[i]).toBe(2 * value);
        });
      }),
    );
  });

  it("refuses a spacing that is not positive", () => {
    const mask: Mask = { data: new Uint8Array(1), shape: [1, 1, 1] };
    expect(() => distanceTransform(mask, [1, 0, 1])).toThrow("expected three positive spacings, got [1,0,1]");
  });
});

function bruteForce({ data, shape }: Mask, [sz, sy, sx]: Zyx, closed: boolean): number[] {
  const [depth, height, width] = shape;
  const margin = closed ? 1 : 0;
  return Array.from(data, (value, i) => {
    if (value === 0) return 0;
    const [z, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
    let least = Infinity;
    for (let p = -margin; p < depth + margin; p++) {
      for (let q = -margin; q < height + margin; q++) {
        for (let r = -margin; r < width + margin; r++) {
          const beyond = p < 0 || p >= depth || q < 0 || q >= height || r < 0 || r >= width;
          if (!beyond && data[(p * height + q) * width + r] !== 0) continue;
          least = Math.min(least, ((p - z) * sz) ** 2 + ((q - y) * sy) ** 2 + ((r - x) * sx) ** 2);
        }
      }
    }
    return least;
  });
}
