import { expect, test } from "vitest";
import { type Affine, allTurns, turnAffine, type Zyx } from "../geometry/index.ts";
import { turnGrid } from "../voxels/index.ts";
import { alignLabels } from "./alignLabels.ts";

const shape: Zyx = [2, 3, 4];
const affine: Affine = [-1, 0, 0, 50, 0, -1, 0, 60, 0, 0, 2, -70, 0, 0, 0, 1];
const image = { shape, affine, hasDirections: true };
const labels = { data: Uint8Array.from({ length: 24 }, (_, i) => i), shape };
const stated = (place: Affine, hasDirections = true) => ({ labels, affine: place, hasDirections });

test("a label map stored in any of the 48 orders comes out on the image's grid, with a word about it", () => {
  for (const turn of allTurns) {
    const stored = { labels: turnGrid(labels, turn), affine: turnAffine(turn, shape, affine), hasDirections: true };
    const aligned = alignLabels("l.nii", image, stored);
    expect(aligned.labels).toEqual(labels);
    expect(aligned.warnings).toHaveLength(turn === allTurns[0] ? 0 : 1);
  }
  const ras = [1, 0, 0, 47, 0, 1, 0, 58, 0, 0, 2, -70, 0, 0, 0, 1]; // 50 - 3 and 60 - 2
  expect(alignLabels("l.nii", image, stated(ras)).warnings).toEqual([
    "the label map was turned from axes RAS to those of the image, LPS",
  ]);
});

test("rounding of headers is no difference, up to half a voxel is said, more is refused", () => {
  const moved = (mm: number) => stated(affine.with(3, 50 + mm));
  expect(alignLabels("l.nii", image, moved(0.04)).warnings).toEqual([]);
  expect(alignLabels("l.nii", image, moved(0.4)).warnings).toEqual([
    "the label map lies up to 0.400 mm from the image, less than half a voxel: taken as the same place",
  ]);
  expect(() => alignLabels("l.nii", image, moved(0.6))).toThrow(
    "l.nii: expected the place of the image (the same corners in mm, whatever the order of the axes), got corners up to 0.600 mm away (--label-header ignore takes the labels voxel by voxel)",
  );
  expect(alignLabels("l.nii", image, moved(0.6), { ignoreHeader: true })).toEqual({ labels, warnings: [] });
});

test("a label map of another size is refused", () => {
  const other = { ...image, shape: [2, 3, 5] as Zyx };
  for (const options of [{}, { ignoreHeader: true }]) {
    expect(() => alignLabels("l.nii", other, stated(affine), options)).toThrow(
      "l.nii: expected the image's shape (z, y, x) = [2, 3, 5], got [2, 3, 4]",
    );
  }
});

test("where one file states no orientation the voxels are taken in order, and that is said", () => {
  const elsewhere = affine.with(3, 900);
  expect(alignLabels("l.npz", image, stated(elsewhere, false))).toEqual({
    labels,
    warnings: ["the label map states no orientation, so the label map is taken voxel by voxel"],
  });
  expect(alignLabels("l.nii", { ...image, hasDirections: false }, stated(elsewhere)).warnings).toEqual([
    "the image states no orientation, so the label map is taken voxel by voxel",
  ]);
  expect(alignLabels("l.npz", { ...image, hasDirections: false }, stated(elsewhere, false)).warnings).toEqual([]);
});

test("a header of defaults only states no place: a map of the image's shape is taken voxel by voxel, and that is said", () => {
  for (const sign of [1, -1]) {
    const bare: Affine = [sign, 0, 0, 0, 0, sign, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
    const aligned = alignLabels("l.mhd", image, stated(bare));
    expect(aligned.labels).toEqual(labels);
    expect(aligned.warnings[0]).toMatch(/holds defaults only/);
    // An image with the same header lies in the same place; a map of another shape is no map of this image.
    expect(alignLabels("l.mhd", { ...image, affine: bare }, stated(bare)).warnings).toEqual([]);
    expect(() => alignLabels("l.mhd", { ...image, shape: [2, 3, 5] }, stated(bare))).toThrow(/the image's shape/);
  }
});
