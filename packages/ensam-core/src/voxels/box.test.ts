import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boxShape, growBox, intersectBoxes, uniteBoxes, wholeBox, type Zyx } from "../geometry/index.ts";
import { boundingBox } from "./boundingBox.ts";
import { anyMask } from "./testing/arbitraries.ts";

describe("box", () => {
  const a = { min: [1, 2, 3], max: [4, 6, 8] } as const;

  it("has the size of its half-open extent", () => {
    expect(boxShape(a)).toEqual([3, 4, 5]);
    expect(wholeBox([2, 3, 4])).toEqual({ min: [0, 0, 0], max: [2, 3, 4] });
  });

  it("shares with another what lies in both, and nothing where they only touch", () => {
    expect(intersectBoxes(a, { min: [3, 0, 7], max: [9, 3, 9] })).toEqual({ min: [3, 2, 7], max: [4, 3, 8] });
    expect(intersectBoxes(a, { min: [4, 2, 3], max: [5, 6, 8] })).toBeUndefined();
  });

  it("is united with another by the least box around both", () => {
    expect(uniteBoxes(a, { min: [3, 0, 7], max: [9, 3, 9] })).toEqual({ min: [1, 0, 3], max: [9, 6, 9] });
  });

  it("grows by its own margin on each side and stops at the border", () => {
    expect(growBox(a, 2, [5, 20, 20])).toEqual({ min: [0, 0, 1], max: [5, 8, 10] });
    const margins = { low: [1, 0, 2], high: [0, 3, 1] } as const;
    expect(growBox(a, margins, [20, 20, 20])).toEqual({ min: [0, 2, 1], max: [4, 9, 9] });
  });

  it("around no voxel does not exist, around one is that voxel, also in a corner", () => {
    const shape: Zyx = [3, 4, 5];
    const data = new Uint8Array(60);
    expect(boundingBox({ data, shape })).toBeUndefined();
    data[59] = 1;
    expect(boundingBox({ data, shape })).toEqual({ min: [2, 3, 4], max: [3, 4, 5] });
  });

  it("around the values asked for holds them and touches one on each side", () => {
    fc.assert(
      fc.property(anyMask, ({ data, shape }) => {
        const [, height, width] = shape;
        const found: Zyx[] = [];
        data.forEach((value, i) => {
          if (value === 1) found.push([Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width]);
        });
        const box = boundingBox({ data, shape }, (value) => value === 1);
        if (found.length === 0) return box === undefined;
        return [0, 1, 2].every((axis) => {
          const places = found.map((at) => at[axis]!);
          return box!.min[axis] === Math.min(...places) && box!.max[axis] === Math.max(...places) + 1;
        });
      }),
    );
  });
});
