import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resizeTrilinear } from "./resize.ts";
import { anyShape } from "./testing/arbitraries.ts";

describe("trilinear resizing", () => {
  it("by 2 takes three quarters of the nearer and one of the farther voxel, and repeats the border", () => {
    const { data } = resizeTrilinear({ data: Float32Array.of(0, 4, 8), shape: [1, 1, 3] }, [1, 1, 6]);
    expect([...data]).toEqual([0, 1, 3, 5, 7, 8]);
  });

  it("by 3 keeps each voxel in the middle of its three", () => {
    const { data } = resizeTrilinear({ data: Float32Array.of(0, 3), shape: [1, 2, 1] }, [1, 6, 1]);
    // Centres at (i + 0.5) / 3 - 0.5: below 0, 0, 1/3, 2/3, 1, beyond 1.
    [0, 0, 1, 2, 3, 3].forEach((want, i) => {
      expect(data[i]).toBeCloseTo(want, 6);
    });
  });

  it("works along z across many slices, and to a shape that is no multiple", () => {
    const { data } = resizeTrilinear({ data: Float32Array.of(0, 10, 20, 30), shape: [4, 1, 1] }, [7, 1, 1]);
    // (i + 0.5) 4 / 7 - 0.5, clamped to 0..3, times 10.
    const want = [0, 1, 2, 3, 4, 5, 6].map((i) => 10 * Math.min(3, Math.max(0, ((i + 0.5) * 4) / 7 - 0.5)));
    want.forEach((value, i) => {
      expect(data[i]).toBeCloseTo(value, 5);
    });
  });

  it("to the same shape changes nothing", () => {
    fc.assert(
      fc.property(anyShape, (shape) => {
        const data = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => Math.sin(i));
        expect(resizeTrilinear({ data, shape }, shape)).toEqual({ data, shape });
      }),
    );
  });

  it("is exact on values linear in z, y and x away from the border", () => {
    const shape = [4, 5, 3] as const;
    const data = Float32Array.from(
      { length: 60 },
      (_, i) => 100 * Math.floor(i / 15) + 10 * (Math.floor(i / 3) % 5) + (i % 3),
    );
    const big = resizeTrilinear({ data, shape }, [8, 20, 6]);
    const at = (z: number, y: number, x: number) => big.data[(z * 20 + y) * 6 + x];
    // Centres: z (3.5) / 2 - 0.5 = 1.25, y (9.5) / 4 - 0.5 = 1.875, x (2.5) / 2 - 0.5 = 0.75.
    expect(at(3, 9, 2)).toBeCloseTo(125 + 18.75 + 0.75, 4);
  });
});
