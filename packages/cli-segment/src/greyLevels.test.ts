import type { Grid } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { guessedGreyLevels } from "./greyLevels.ts";

const line = (data: Grid["data"]): Grid => ({ data, shape: [1, 1, data.length] });

test("bytes stay as they are, and so do grey levels of a wider type that are passed through", () => {
  expect([...guessedGreyLevels(line(Uint8Array.of(3, 7, 200)), {}).image.data]).toEqual([3, 7, 200]);
  const wider = line(Int16Array.of(0, 7, 9, 20));
  expect([...guessedGreyLevels(wider, { passThrough: true }).image.data]).toEqual([0, 7, 9, 20]);
  // Percentiles of 7, 9, 20 are 7.02 and 19.89; (9 - 7.02) / 12.87 * 255 = 39.2.
  expect([...guessedGreyLevels(wider, {}).image.data]).toEqual([0, 0, 39, 255]);
});

test("CT is seen through its window: soft is 400 HU around 40", () => {
  // -160 -> 0, 40 -> 200 / 400 * 255 = 127.5 -> 127, 240 -> 255
  const { image, notes } = guessedGreyLevels(line(Int16Array.of(-1000, 40, 240, 3000)), {});
  expect([...image.data]).toEqual([0, 127, 255, 255]);
  expect(notes).toEqual(["grey levels: CT window 400/40 HU (guessed from the values; --modality sets it)"]);
  const lung = guessedGreyLevels(line(Int16Array.of(-1000, -160, 590)), { modality: "CT", window: "1500/-160" });
  // -910 -> 0, -160 -> 750 / 1500 * 255 = 127.5 -> 127, 590 -> 255
  expect([...lung.image.data]).toEqual([0, 127, 255]);
});

test("real numbers are stretched between percentiles, and what is no number becomes 0", () => {
  const { image, notes } = guessedGreyLevels(line(Float32Array.of(0, 1, 3, Number.NaN, Infinity)), { modality: "PET" });
  expect([...image.data]).toEqual([0, expect.any(Number), 255, 0, 0]);
  expect(notes[1]).toBe("grey levels: 2 voxels are no finite number and became 0");
});

test("an image of one value is told to show nothing", () => {
  expect(guessedGreyLevels(line(Int16Array.of(900, 900)), { modality: "MR" }).notes[1]).toContain(
    "nothing can be seen",
  );
});
