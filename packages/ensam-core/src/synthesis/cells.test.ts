import { expect, test } from "vitest";
import { blockLabels, blockMeans } from "./cells.ts";

test("a block's value is the mean of its parts", () => {
  // 2 x 1 x 4 voxels in blocks of 2 x 1 x 2: (1 + 2 + 5 + 6) / 4 and (3 + 4 + 7 + 8) / 4
  const fine = { data: Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8), shape: [2, 1, 4] as const };
  expect(blockMeans(fine, [2, 1, 2])).toEqual({ data: Float32Array.of(3.5, 5.5), shape: [1, 1, 2] });
});

test("a block's label is its commonest, and the smallest of equals", () => {
  // blocks {9, 9, 0, 9} and {4, 4, 2, 2}
  const fine = { data: Int32Array.of(9, 9, 4, 4, 0, 9, 2, 2), shape: [2, 1, 4] as const };
  expect(blockLabels(fine, [2, 1, 2])).toEqual({ data: Int32Array.of(9, 2), shape: [1, 1, 2] });
});
