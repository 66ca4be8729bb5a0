import { expect, test } from "vitest";
import { rowSchemas } from "./rowSchemas.ts";

/** What ensam-segment writes for one named object with both kinds of prompts and one that was not found. */
const segmentation = {
  type: "segmentation",
  image: "ct.nii.gz",
  mask: "mask.nii.gz",
  model: "runs/a/checkpoints/best.safetensors",
  shape: [8, 16, 16],
  spacing: [3, 1, 2],
  objects: [
    {
      label: 1,
      name: "liver",
      voxels: 10,
      volumeMm3: 60,
      extent: [
        [1, 2, 3],
        [2, 6, 3],
      ],
      box: [
        [1, 2, 3],
        [5, 9, 12],
      ],
      clicks: [{ at: [3, 5, 6], kind: "bg" }],
    },
    { label: 300, voxels: 0, volumeMm3: 0, extent: null, box: null, clicks: [{ at: [6, 12, 12], kind: "fg" }] },
  ],
  seconds: 1.5,
  notes: ["CT window 400/40 HU (guessed)"],
};

test("a segmentation row holds its objects, found or not", () => {
  expect(rowSchemas.segmentation.parse(segmentation)).toEqual(segmentation);
});

test.each([
  ["objects", undefined],
  ["shape", [8, 16]],
  ["spacing", [3, 0, 2]],
  ["seconds", -1],
  ["objects", [{ ...segmentation.objects[0], label: 0 }]],
  ["objects", [{ ...segmentation.objects[0], clicks: [{ at: [3, 5, 6], kind: "left" }] }]],
])("a segmentation row is refused for its %s %j", (field, value) => {
  expect(rowSchemas.segmentation.safeParse({ ...segmentation, [field]: value }).success).toBe(false);
});
