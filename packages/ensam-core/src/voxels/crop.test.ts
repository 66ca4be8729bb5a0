import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { wholeBox } from "../geometry/index.ts";
import { crop, pasteInto } from "./crop.ts";
import { flip } from "./flip.ts";
import { grid } from "./grid.ts";
import { padToMultiple } from "./pad.ts";
import { anyLabels } from "./testing/arbitraries.ts";

const numbered = grid(
  Uint16Array.from({ length: 24 }, (_, i) => i),
  [2, 3, 4],
);

describe("crop and paste", () => {
  it("takes the voxels of the box, x fastest", () => {
    // Row (1, 1) begins at 12 + 4 = 16, row (1, 2) at 20.
    const part = crop(numbered, { min: [1, 1, 2], max: [2, 3, 4] });
    expect(part).toEqual({ data: Uint16Array.of(18, 19, 22, 23), shape: [1, 2, 2] });
  });

  it("refuses a box that leaves the grid or is empty", () => {
    expect(() => crop(numbered, { min: [0, 0, 0], max: [2, 3, 5] })).toThrow("crop: expected a box inside [2,3,4]");
    expect(() => crop(numbered, { min: [1, 1, 1], max: [1, 2, 2] })).toThrow("got [0,1,1] voxels from [1,1,1]");
    expect(() => pasteInto(numbered, numbered, [0, 0, 1])).toThrow("pasteInto: expected a box inside [2,3,4]");
  });

  it("puts back what was taken", () => {
    const box = { min: [0, 1, 1], max: [2, 3, 3] } as const;
    const target = grid(new Uint16Array(24).fill(99), [2, 3, 4]);
    pasteInto(target, crop(numbered, box), box.min);
    expect(crop(target, box)).toEqual(crop(numbered, box));
    expect(target.data.filter((value) => value === 99).length).toBe(24 - 8);
  });

  it("refuses data that do not fill the shape", () => {
    expect(() => grid(new Uint8Array(5), [1, 2, 3])).toThrow("grid: expected 6 values for shape [1,2,3], got 5");
  });
});

describe("padding to a multiple", () => {
  it("adds at the high ends, of the asked value", () => {
    const padded = padToMultiple(grid(Int16Array.of(1, 2, 3), [1, 1, 3]), 2, -7);
    expect(padded).toEqual({
      data: Int16Array.of(1, 2, 3, -7, -7, -7, -7, -7, -7, -7, -7, -7, -7, -7, -7, -7),
      shape: [2, 2, 4],
    });
  });

  it("leaves a grid that fits as it is", () => {
    expect(padToMultiple(numbered, 1)).toBe(numbered);
  });

  it("is undone by a crop to the old shape", () => {
    fc.assert(
      fc.property(anyLabels, fc.integer({ min: 1, max: 8 }), (labels, multiple) => {
        const padded = padToMultiple(labels, multiple);
        expect(padded.shape.every((size) => size % multiple === 0)).toBe(true);
        expect(crop(padded, wholeBox(labels.shape))).toEqual(labels);
      }),
    );
  });
});

describe("flip", () => {
  it("mirrors the chosen axes", () => {
    expect(flip(grid(Uint8Array.of(1, 2, 3, 4), [1, 2, 2]), [true, false, true]).data).toEqual(
      Uint8Array.of(2, 1, 4, 3),
    );
    expect(flip(grid(Uint8Array.of(1, 2, 3, 4), [2, 2, 1]), [true, false, false]).data).toEqual(
      Uint8Array.of(3, 4, 1, 2),
    );
  });

  it("done twice changes nothing", () => {
    fc.assert(
      fc.property(anyLabels, fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()), (labels, axes) => {
        expect(flip(flip(labels, axes), axes)).toEqual(labels);
      }),
    );
  });
});
