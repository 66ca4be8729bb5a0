import { expect, test } from "vitest";
import { type Box, frameOf, type Prompts, voxelCount, type Zyx } from "../geometry/index.ts";
import { nextLook } from "./nextLook.ts";

const volume: Zyx = [40, 80, 80];

/** What is next when the cells of these voxels are above zero. */
function next(
  crop: Box,
  found: Box | undefined,
  maxVoxels: number,
  prompts: Prompts = { clicks: [] },
  finerWithoutBox = false,
) {
  const frame = frameOf(volume, crop, maxVoxels);
  const logits = new Float32Array(voxelCount(frame.shape)).fill(-1);
  const cell = (axis: 0 | 1 | 2, voxel: number) => Math.floor((voxel - crop.min[axis]) / frame.pooling[axis]);
  if (found !== undefined) {
    for (let z = cell(0, found.min[0]); z <= cell(0, found.max[0] - 1); z++)
      for (let y = cell(1, found.min[1]); y <= cell(1, found.max[1] - 1); y++)
        for (let x = cell(2, found.min[2]); x <= cell(2, found.max[2] - 1); x++)
          logits[(z * frame.shape[1] + y) * frame.shape[2] + x] = 1;
  }
  return nextLook(frame, logits, prompts, maxVoxels, finerWithoutBox);
}

test("an object inside of a crop that is seen voxel by voxel needs no second look, nor does one that was not found", () => {
  const crop: Box = { min: [10, 20, 20], max: [30, 40, 40] };
  expect(next(crop, { min: [12, 22, 22], max: [28, 38, 38] }, 100_000)).toBeUndefined();
  expect(next(crop, undefined, 100)).toBeUndefined();
});

test("a mask that touches sides of the crop is looked at in one that is wider there; the volume's own sides do not count", () => {
  const crop: Box = { min: [0, 20, 20], max: [20, 60, 60] };
  // Touches z 0, which is the volume's, and x 20: wider by half of 40 to the low side of x.
  expect(next(crop, { min: [0, 30, 20], max: [10, 50, 40] }, 100_000)).toEqual({
    why: "wider",
    crop: { min: [0, 20, 0], max: [20, 60, 60] },
  });
  // The high side of z: at least 16 voxels.
  expect(next(crop, { min: [5, 30, 30], max: [20, 50, 40] }, 100_000)).toEqual({
    why: "wider",
    crop: { min: [0, 20, 20], max: [36, 60, 60] },
  });
});

test("a few stray cells at a side are no reason", () => {
  const frame = frameOf(volume, { min: [0, 20, 20], max: [20, 60, 60] }, 100_000);
  const logits = new Float32Array(voxelCount(frame.shape)).fill(-1);
  const set = (z: number, y: number, x: number) => {
    logits[(z * frame.shape[1] + y) * frame.shape[2] + x] = 1;
  };
  for (let z = 5; z < 15; z++) for (let y = 10; y < 20; y++) for (let x = 10; x < 20; x++) set(z, y, x);
  for (let i = 0; i < 9; i++) set(5, i, 39); // 9 of 100 in the largest section.
  expect(nextLook(frame, logits, { clicks: [] }, 100_000)).toBeUndefined();
  set(5, 9, 39);
  expect(nextLook(frame, logits, { clicks: [] }, 100_000)?.why).toBe("wider");
});

test("a small object in a pooled crop is looked at in a finer one that holds its foreground prompts, with the widest margin that helps", () => {
  const whole: Box = { min: [0, 0, 0], max: volume };
  const clicks = [
    { at: [20, 40, 48] as Zyx, foreground: true },
    { at: [2, 2, 2] as Zyx, foreground: false },
  ];
  const found: Box = { min: [18, 36, 36], max: [22, 44, 44] };
  expect(next(whole, found, 30_000, { clicks })).toBeUndefined();
  const boxed = next(whole, { min: [19, 38, 38], max: [21, 42, 42] }, 30_000, { box: found, clicks })!;
  const look = next(whole, found, 30_000, { clicks }, true)!;
  expect(boxed).toEqual(look);
  expect(look.why).toBe("finer");
  // 256,000 voxels are pooled to 1 x 4 x 4 cells of 16,000; a margin of 32 would take 40 x 72 x 77 and leave that, 16
  // leaves 36 x 40 x 45.
  const frame = frameOf(volume, look.crop, 30_000);
  expect(look.crop).toEqual({ min: [2, 20, 20], max: [38, 60, 65] });
  expect(frame.pooling).toEqual([1, 2, 2]);
});
