import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundingBox, boxShape, type LabelMap } from "../voxels/index.ts";
import { anyLabels } from "../voxels/testing/arbitraries.ts";
import { boxOfChallenge, challengeOfBox } from "./boxes.ts";
import { challengeBox, challengeBoxes } from "./challengeBox.ts";

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
