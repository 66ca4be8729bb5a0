import { expect, test } from "vitest";
import { thickBox } from "./thickBox.ts";

test("a box drawn in one slice becomes as thick in mm as the mean of its sides, about that slice", () => {
  // 10 x 20 voxels of 1 mm: 15 mm, which are five slices of 3 mm.
  const box = { min: [12, 5, 6], max: [13, 15, 26] } as const;
  expect(thickBox(box, [3, 1, 1], [40, 40, 40])).toEqual({ min: [10, 5, 6], max: [15, 15, 26] });
  expect(thickBox({ min: [1, 5, 6], max: [2, 15, 26] }, [3, 1, 1], [40, 40, 40])).toEqual({
    min: [0, 5, 6],
    max: [4, 15, 26],
  });
  // Slices thicker than the box is wide: one slice stays.
  expect(thickBox({ min: [3, 3, 3], max: [4, 5, 5] }, [9, 1, 1], [9, 9, 9])).toEqual({
    min: [3, 3, 3],
    max: [4, 5, 5],
  });
});

test("other boxes stay, cut to the image; a single voxel and a place outside are refused", () => {
  expect(thickBox({ min: [-2, 1, 1], max: [5, 9, 99] }, [1, 1, 1], [8, 8, 8])).toEqual({
    min: [0, 1, 1],
    max: [5, 8, 8],
  });
  expect(() => thickBox({ min: [1, 1, 1], max: [2, 2, 2] }, [1, 1, 1], [8, 8, 8])).toThrow("more than one voxel");
  expect(() => thickBox({ min: [8, 1, 1], max: [9, 3, 3] }, [1, 1, 1], [8, 8, 8])).toThrow("expected voxels (z, y, x)");
});
