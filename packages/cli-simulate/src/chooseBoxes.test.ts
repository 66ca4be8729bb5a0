import type { ChallengeBox } from "@ensam/core/prompts";
import type { LabelMap } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { type BoxQuestion, chooseBoxes } from "./chooseBoxes.ts";

/** One slice of 256 x 256 with the label 4 on the voxel (128, 128): a shift s moves each side by s voxels. */
const truth: LabelMap = {
  data: Uint8Array.from({ length: 65536 }, (_, i) => (i === 128 * 256 + 128 ? 4 : 0)),
  shape: [1, 256, 256],
};
const stored: ChallengeBox = {
  z_min: 0,
  z_max: 0,
  z_mid: 0,
  z_mid_x_min: 100,
  z_mid_y_min: 100,
  z_mid_x_max: 150,
  z_mid_y_max: 150,
};

function choose(options: Partial<BoxQuestion["options"]>, question: Partial<BoxQuestion> = {}) {
  const row = { case: "a", modality: "CT" as const };
  const plain = { row, npz: "a.npz", truth, labels: [4], stored: undefined, hasTruth: true };
  return chooseBoxes({ ...plain, ...question, options: { boxes: "auto", seed: 0, ...options } });
}

const shiftOf = (boxes: ReturnType<typeof choose>) => 128 - boxes![0]!.z_mid_x_min;

test("the file's boxes are used as they are", () => {
  const boxes = [stored];
  expect(choose({}, { stored: boxes, hasTruth: false })).toBe(boxes);
  expect(choose({ boxes: "file" }, { stored: boxes })).toBe(boxes);
});

test("a preprocessed file gets boxes by the challenge's rule, with the shift that is asked for", () => {
  expect(shiftOf(choose({ boxShift: 0 }))).toBe(0);
  expect(choose({ boxShift: 5 })).toEqual([
    { z_min: 0, z_max: 0, z_mid: 0, z_mid_x_min: 123, z_mid_y_min: 123, z_mid_x_max: 133, z_mid_y_max: 133 },
  ]);
});

test("drawn shifts depend on seed and case, lie in 0 to 5 and take all of these values", () => {
  const drawn = Array.from({ length: 60 }, (_, seed) => shiftOf(choose({ seed })));
  expect([...new Set(drawn)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  expect(shiftOf(choose({ seed: 3 }))).toBe(drawn[3]);
  const others = Array.from({ length: 60 }, (_, seed) =>
    shiftOf(choose({ seed }, { row: { case: "b", modality: "CT" } })),
  );
  expect(others).not.toEqual(drawn);
});

test("Microscopy, challenge inputs without boxes and --boxes none have clicks only", () => {
  expect(choose({}, { row: { case: "a", modality: "Microscopy" } })).toBeUndefined();
  expect(choose({}, { hasTruth: false })).toBeUndefined();
  expect(choose({ boxes: "none" }, { stored: [stored] })).toBeUndefined();
  expect(choose({ boxes: "file" })).toBeUndefined();
});

test("--boxes made makes them anywhere, also over the file's", () => {
  expect(shiftOf(choose({ boxes: "made", boxShift: 1 }, { stored: [stored], hasTruth: false }))).toBe(1);
  expect(choose({ boxes: "made" }, { row: { case: "a", modality: "Microscopy" } })).toHaveLength(1);
});

test("a file with too few boxes is refused", () => {
  expect(() => choose({}, { stored: [stored], labels: [4, 5] })).toThrow(
    "a.npz: boxes: expected one for each of the labels 4, 5, got 1",
  );
});
