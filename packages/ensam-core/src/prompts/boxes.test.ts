import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { boxOfChallenge, challengeOfBox } from "../geometry/index.ts";
import { type Box, boundingBox, boxShape, type LabelMap, randomStream } from "../voxels/index.ts";
import { anyLabels } from "../voxels/testing/arbitraries.ts";
import { challengeBox, challengeBoxes, drawChallengeBox } from "./challengeBox.ts";

describe("box prompts", () => {
  it("end inside in the challenge's format and one past it in ours", () => {
    const box = { min: [2, 4, 6], max: [5, 5, 9] } as const;
    const theirs = challengeOfBox(box);
    expect(theirs).toEqual({
      z_min: 2,
      z_max: 4,
      z_mid: 3,
      z_mid_x_min: 6,
      z_mid_y_min: 4,
      z_mid_x_max: 8,
      z_mid_y_max: 4,
    });
    expect(boxOfChallenge(theirs)).toEqual(box);
  });

  it("of a label nothing carries do not exist", () => {
    const labels: LabelMap = { data: new Uint8Array(8), shape: [2, 2, 2] };
    expect(challengeBox(labels, 1, 0)).toBeUndefined();
    expect(challengeBoxes(labels, () => 0).size).toBe(0);
  });

  it("of one voxel are that voxel, and grow by the shift up to the border", () => {
    // One row of 600: a shift of 5 is trunc(5 x 600 / 256) = 11 along x and trunc(5 x 1 / 256) = 0 along y.
    const labels: LabelMap = { data: new Uint8Array(600), shape: [1, 1, 600] };
    labels.data[595] = 3;
    expect(boxOfChallenge(challengeBox(labels, 3, 0)!)).toEqual({ min: [0, 0, 595], max: [1, 1, 596] });
    expect(boxOfChallenge(challengeBox(labels, 3, 5)!)).toEqual({ min: [0, 0, 584], max: [1, 1, 600] });
  });

  it("span the object's slices, and its extent on the middle one of them", () => {
    fc.assert(
      fc.property(anyLabels, (labels) => {
        for (const [label, prompt] of challengeBoxes(labels, () => 0)) {
          const whole = boundingBox(labels, (value) => value === label)!;
          const box = boxOfChallenge(prompt);
          expect([box.min[0], box.max[0]]).toEqual([whole.min[0], whole.max[0]]);
          const area = labels.shape[1] * labels.shape[2];
          const slice = labels.data.subarray(prompt.z_mid * area, (prompt.z_mid + 1) * area);
          const onSlice = boundingBox(
            { data: slice, shape: [1, labels.shape[1], labels.shape[2]] },
            (v) => v === label,
          )!;
          expect(boxShape(box).slice(1)).toEqual(boxShape(onSlice).slice(1));
        }
      }),
    );
  });
});

/** The official generator's arithmetic for one side: int(s * size / 256), all ends inclusive, cut to the image. */
function officialRange(first: number, last: number, shift: number, size: number): [number, number] {
  const offset = Math.trunc((shift * size) / 256);
  return [Math.max(0, first - offset), Math.min(size - 1, last + offset)];
}

test("drawn boxes move as the challenge's do: as often and as far, by the size of the whole image", () => {
  // Rows 20..29 of 60: only a shift of 5 moves y, by trunc(300 / 256) = 1. Columns 50..57 of 110: 3, 4 and 5 move x, by
  // 1, 1, 2.
  const data = new Uint8Array(60 * 110);
  for (let y = 20; y < 30; y++) data.fill(1, y * 110 + 50, y * 110 + 58);
  const within: Box = { min: [0, 20, 50], max: [1, 30, 58] };
  const official = [0, 1, 2, 3, 4, 5].map((s) => [officialRange(20, 29, s, 60), officialRange(50, 57, s, 110)]);
  const random = randomStream(3, "boxes");
  const draws = 10_000;
  let [moved, distance] = [0, 0];
  for (let i = 0; i < draws; i++) {
    const box = drawChallengeBox({ data, shape: [1, 60, 110] }, 1, within, random);
    const [y, x] = [
      [box.z_mid_y_min, box.z_mid_y_max],
      [box.z_mid_x_min, box.z_mid_x_max],
    ] as const;
    expect(official).toContainEqual([y, x]);
    for (const by of [20 - y[0]!, y[1]! - 29, 50 - x[0]!, x[1]! - 57]) {
      if (by > 0) moved++;
      distance += by;
    }
  }
  // Of the six shifts one moves both sides of y and three both sides of x: 8 of 24 sides, by 2 * (1 + 1 + 1 + 2)
  // voxels.
  expect(Math.abs(moved / (4 * draws) - 8 / 24)).toBeLessThan(0.01);
  expect(Math.abs(distance / (4 * draws) - 10 / 24)).toBeLessThan(0.01);
});
