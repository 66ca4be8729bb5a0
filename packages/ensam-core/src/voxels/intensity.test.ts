import { describe, expect, it } from "vitest";
import { toEightBit, windows } from "./intensity.ts";

describe("eight bits", () => {
  it("stretch the clipped values, not the window", () => {
    // Soft tissue is -160 to 240. Here the clipped values run from 0 to 240: 120 lies halfway, 127.5 is cut to 127.
    const { grid, rule } = toEightBit({ data: Int16Array.of(0, 120, 900), shape: [1, 1, 3] }, windows.soft);
    expect(grid.data).toEqual(Uint8Array.of(0, 127, 255));
    expect(rule).toEqual({ rule: "window", clip: [-160, 240], range: [0, 240], notNumbers: 0 });
  });

  it("leave an 8-bit image as it is, whatever the modality", () => {
    const image = { data: Uint8Array.of(7, 9), shape: [1, 1, 2] as const };
    expect(toEightBit(image, windows.bone)).toEqual({ grid: image, rule: { rule: "unchanged", notNumbers: 0 } });
  });

  it("turn what is not a number to 0 and say how often", () => {
    const { grid, rule } = toEightBit({ data: Float32Array.of(Number.NaN, 0, 240), shape: [1, 1, 3] }, windows.soft);
    expect(grid.data).toEqual(Uint8Array.of(0, 0, 255));
    expect(rule.notNumbers).toBe(1);
  });

  it("are 0 everywhere for an image of one value only", () => {
    for (const data of [new Float32Array(3), new Float32Array(3).fill(-4), new Float32Array(3).fill(5)]) {
      const { grid, rule } = toEightBit({ data, shape: [1, 1, 3] });
      expect(grid.data).toEqual(new Uint8Array(3));
      expect(rule.rule).toBe("constant");
    }
  });

  it("are those of all voxels for an image without a value above 0, as ultrasound in dB", () => {
    // 201 values from -60 to -40 by 0.1: the percentiles are -59.9 and -40.1, and (-50 + 59.9) / 19.8 * 255 = 127.5
    const data = Float64Array.from({ length: 201 }, (_, i) => -60 + i / 10);
    const { grid, rule } = toEightBit({ data, shape: [1, 1, 201] });
    expect(rule.rule).toBe("allPercentiles");
    expect([0, 1, 100, 199, 200].map((i) => grid.data[i])).toEqual([0, 0, 127, 255, 255]);
  });

  it("are the extremes where a single hot voxel is all there is", () => {
    const data = new Int16Array(1000);
    data[7] = 3000;
    const { grid, rule } = toEightBit({ data, shape: [10, 10, 10] });
    expect(rule).toMatchObject({ rule: "extremes", range: [0, 3000] });
    expect([grid.data[6], grid.data[7]]).toEqual([0, 255]);
  });

  it("survive infinite values", () => {
    const { grid } = toEightBit({ data: Float32Array.of(Infinity, 1, 2, -Infinity), shape: [1, 1, 4] });
    expect([...grid.data]).toEqual([255, 0, 255, 0]);
  });
});

it.each([Int16Array, Uint16Array])(
  "%o: a table, where voxels are more than values, gives what each voxel alone gives",
  (Type) => {
    const values = Type.from(Array.from({ length: 100 }, (_, i) => 13 * i + (Type === Int16Array ? -700 : 3)));
    const repeated = Type.from(Array.from({ length: 100 * 20 }, (_, i) => values[i % 100]!));
    const few = toEightBit({ data: values, shape: [1, 1, 100] }, { level: 100, width: 900 }).grid.data;
    const many = toEightBit({ data: repeated, shape: [1, 20, 100] }, { level: 100, width: 900 }).grid.data;
    expect(new Set(few).size).toBeGreaterThan(30);
    for (let row = 0; row < 20; row++) expect(many.subarray(100 * row, 100 * row + 100)).toEqual(few);
  },
);
