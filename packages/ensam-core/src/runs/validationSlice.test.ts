import { expect, test } from "vitest";
import { testSlice } from "./testing/index.ts";
import { isSlice, validationSlice } from "./validationSlice.ts";

test("the slice with most of the truth is taken, with truth and prediction as bits", () => {
  const slice = testSlice();
  expect([slice.z, slice.shape]).toEqual([1, [4, 4]]);
  // truth only, both, prediction only, neither
  expect([...Buffer.from(slice.masks, "base64").subarray(0, 4)]).toEqual([1, 3, 2, 0]);
  expect([...Buffer.from(slice.image, "base64").subarray(12)]).toEqual([204, 221, 238, 255]); // 12/15 .. 15/15
  expect(isSlice(JSON.parse(JSON.stringify(slice)))).toBe(true);
});

test("a large slice is thinned", () => {
  const shape = [1, 500, 300] as const;
  const voxels = 150_000;
  const slice = validationSlice({
    step: 1,
    case: "a",
    shape,
    volume: new Float32Array(voxels),
    truth: new Uint8Array(voxels),
    prediction: new Uint8Array(voxels),
  });
  expect(slice.shape).toEqual([125, 75]); // every 4th
});

test("a slice with missing pixels is refused", () => {
  expect(isSlice({ ...testSlice(), shape: [4, 5] })).toBe(false);
  expect(isSlice({ ...testSlice(), masks: undefined })).toBe(false);
  expect(isSlice({ type: "slice" })).toBe(false);
});
