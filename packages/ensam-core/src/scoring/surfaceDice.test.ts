import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Mask, Zyx } from "../voxels/index.ts";
import { maskOf } from "../voxels/index.ts";
import { anySpacing, twoLabelMaps, twoMasks } from "../voxels/testing/arbitraries.ts";
import { dice } from "./dice.ts";
import { scoreLabelMaps } from "./labelScores.ts";
import { surfaceAreas } from "./surfaceArea.ts";
import { surfaceDice } from "./surfaceDice.ts";

const tolerances = fc.constantFrom(0, 0.5, 1, 2, 3.7);

describe("surface area", () => {
  it("of a voxel at spacing (3, 2, 1) is 7: an octahedron with half steps for its axes", () => {
    // Each of 8 corners is a triangle with area vector (2 x 1, 3 x 1, 3 x 2) / 8, of length sqrt(4 + 9 + 36) / 8 = 7 /
    // 8.
    const areas = surfaceAreas([3, 2, 1]);
    for (const code of [1, 2, 4, 8, 16, 32, 64, 128]) expect(areas[code]).toBeCloseTo(7 / 8, 14);
    expect([areas[0], areas[255]]).toEqual([0, 0]);
  });

  it("of a flat face is that of the voxel's side, and is the same for what is inside and what is outside", () => {
    const areas = surfaceAreas([3, 2, 0.5]);
    // Code 240: the four voxels of the lower slice; its face is y times x.
    expect(areas[240]).toBeCloseTo(2 * 0.5, 14);
    for (let code = 0; code < 256; code++) {
      const inside = [...code.toString(2)].filter((bit) => bit === "1").length;
      if (inside !== 4) expect(areas[code]).toBeCloseTo(areas[255 - code]!, 14);
    }
  });
});

describe("surface Dice", () => {
  it("is 1 of a mask with itself, 0 with an empty one, and not a number of two empty ones", () => {
    const one: Mask = { data: Uint8Array.of(1, 0, 0), shape: [1, 1, 3] };
    const none: Mask = { data: new Uint8Array(3), shape: [1, 1, 3] };
    expect(surfaceDice(one, one, [1, 1, 1])).toBe(1);
    expect(surfaceDice(one, none, [1, 1, 1])).toBe(0);
    expect(surfaceDice(none, one, [1, 1, 1])).toBe(0);
    expect(surfaceDice(none, none, [1, 1, 1])).toBeNaN();
  });

  it("does not depend on the order of the masks", () => {
    fc.assert(
      fc.property(twoMasks, anySpacing, tolerances, ([a, b], spacing, tolerance) => {
        expect(surfaceDice(a, b, spacing, tolerance)).toBe(surfaceDice(b, a, spacing, tolerance));
      }),
    );
  });

  it("grows with the tolerance, up to 1", () => {
    fc.assert(
      fc.property(twoMasks, anySpacing, ([a, b], spacing) => {
        const values = [0, 0.5, 1, 2, 5, 200].map((tolerance) => surfaceDice(a, b, spacing, tolerance));
        if (Number.isNaN(values[0]!)) return;
        for (let i = 1; i < values.length; i++) expect(values[i]).toBeGreaterThanOrEqual(values[i - 1]!);
        expect(values[5]).toBe(a.data.includes(1) && b.data.includes(1) ? 1 : 0);
      }),
    );
  });

  it("does not change when spacing and tolerance are scaled together", () => {
    fc.assert(
      fc.property(twoMasks, anySpacing, tolerances, ([a, b], [z, y, x], tolerance) => {
        const once = surfaceDice(a, b, [z, y, x], tolerance);
        const twice = surfaceDice(a, b, [2 * z, 2 * y, 2 * x], 2 * tolerance);
        if (Number.isNaN(once)) expect(twice).toBeNaN();
        else expect(twice).toBeCloseTo(once, 12);
      }),
    );
  });

  it("is what comparing every corner with every other gives", () => {
    fc.assert(
      fc.property(twoMasks, anySpacing, tolerances, ([a, b], spacing, tolerance) => {
        const got = surfaceDice(a, b, spacing, tolerance);
        const want = bruteForce(a, b, spacing, tolerance);
        if (Number.isNaN(want)) expect(got).toBeNaN();
        else expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-12);
      }),
      { numRuns: 200 },
    );
  });

  it("is that also where the tolerance reaches hundreds of rows", () => {
    const shape: Zyx = [40, 40, 6];
    const pair = fc.tuple(sparse(shape), sparse(shape));
    fc.assert(
      fc.property(pair, ([a, b]) => {
        for (const tolerance of [1.5, 2]) {
          const spacing: Zyx = [0.1, 0.125, 0.1];
          const [got, want] = [surfaceDice(a, b, spacing, tolerance), bruteForce(a, b, spacing, tolerance)];
          if (Number.isNaN(want)) expect(got).toBeNaN();
          else expect(Math.abs(got - want)).toBeLessThanOrEqual(1e-12);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("refuses a spacing of 0 and masks of different shape", () => {
    const mask: Mask = { data: Uint8Array.of(1), shape: [1, 1, 1] };
    expect(() => surfaceDice(mask, mask, [1, 0, 1])).toThrow("spacing: expected 3 positive numbers, got [1,0,1]");
    expect(() => surfaceDice(mask, { data: new Uint8Array(2), shape: [1, 1, 2] }, [1, 1, 1])).toThrow("one shape");
  });
});

describe("Dice", () => {
  it("counts what is shared twice", () => {
    const a: Mask = { data: Uint8Array.of(1, 1, 1, 0), shape: [1, 1, 4] };
    const b: Mask = { data: Uint8Array.of(0, 1, 1, 1), shape: [1, 1, 4] };
    expect(dice(a, b)).toBe((2 * 2) / (3 + 3));
    expect(
      dice({ data: new Uint8Array(4), shape: [1, 1, 4] }, { data: new Uint8Array(4), shape: [1, 1, 4] }),
    ).toBeNaN();
  });

  it("and surface Dice of each label of two maps are those of its masks", () => {
    fc.assert(
      fc.property(twoLabelMaps, anySpacing, ([truth, prediction], spacing) => {
        const scores = scoreLabelMaps(truth, prediction, spacing);
        expect(scores.map(({ label }) => label)).toEqual([1, 2, 3].filter((label) => truth.data.indexOf(label) >= 0));
        for (const { label, dsc, nsd } of scores) {
          const masks = [maskOf(truth, label), maskOf(prediction, label)] as const;
          expect([dsc, nsd]).toEqual([dice(...masks), surfaceDice(...masks, spacing)]);
        }
      }),
    );
  });
});

function sparse(shape: Zyx): fc.Arbitrary<Mask> {
  const size = shape[0] * shape[1] * shape[2];
  return fc.array(fc.integer({ min: 0, max: size - 1 }), { maxLength: 4 }).map((places) => {
    const data = new Uint8Array(size);
    for (const place of places) data[place] = 1;
    return { data, shape };
  });
}

function bruteForce(a: Mask, b: Mask, [sz, sy, sx]: Zyx, tolerance: number): number {
  const areas = surfaceAreas([sz, sy, sx]);
  const [cornersA, cornersB] = [surfaceCorners(a), surfaceCorners(b)];
  const total = (corners: Corner[]) => corners.reduce((sum, { code }) => sum + areas[code]!, 0);
  const near = (corners: Corner[], others: Corner[]) =>
    total(
      corners.filter((p) =>
        others.some((q) => {
          const [dz, dy, dx] = [(p.z - q.z) * sz, (p.y - q.y) * sy, (p.x - q.x) * sx];
          return Math.sqrt(dz * dz + dy * dy + dx * dx) <= tolerance;
        }),
      ),
    );
  return (near(cornersA, cornersB) + near(cornersB, cornersA)) / (total(cornersA) + total(cornersB));
}

interface Corner {
  z: number;
  y: number;
  x: number;
  code: number;
}

function surfaceCorners({ data, shape }: Mask): Corner[] {
  const [depth, height, width] = shape;
  const inside = (z: number, y: number, x: number) =>
    z >= 0 && z < depth && y >= 0 && y < height && x >= 0 && x < width ? data[(z * height + y) * width + x]! : 0;
  const corners: Corner[] = [];
  for (let z = 0; z <= depth; z++) {
    for (let y = 0; y <= height; y++) {
      for (let x = 0; x <= width; x++) {
        let code = 0;
        for (let i = 0; i < 8; i++) {
          code = 2 * code + inside(z - 1 + (i >> 2), y - 1 + ((i >> 1) & 1), x - 1 + (i & 1));
        }
        if (code !== 0 && code !== 255) corners.push({ z, y, x, code });
      }
    }
  }
  return corners;
}
