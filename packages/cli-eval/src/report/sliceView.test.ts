import type { Grid, Zyx } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { planesOf } from "./planes.ts";
import { maskOnSlice, onPage, sliceViewOf } from "./sliceView.ts";

/** 4 x 4 x 4 voxels of which three are labelled: z 3 (twice) and z 2, y 1, x 0 and 1. */
const shape: Zyx = [4, 4, 4];
const truth: Grid<Uint8Array> = { data: new Uint8Array(64), shape };
for (const [z, y, x] of [
  [3, 1, 0],
  [3, 1, 1],
  [2, 1, 0],
]) {
  truth.data[(z! * 4 + y!) * 4 + x!] = 7;
}
const image: Grid<Uint8Array> = { data: Uint8Array.from({ length: 64 }, (_, i) => i), shape };
const view = (axes: string | undefined, plane: number, spacing: Zyx = [2, 1, 1]) =>
  sliceViewOf(image, truth, { label: 7, spacing, plane: planesOf(axes)[plane]! });

test("with LPS axes the coronal and sagittal slices have the head up, and the axial one lies as it is stored", () => {
  const [axial, coronal, sagittal] = [0, 1, 2].map((plane) => view("LPS", plane));
  expect([axial!.plane.name, axial!.slice, axial!.image[0]]).toEqual(["axial", 3, 3 * 16]);
  // Row 0 is the uppermost slice, z 3: voxel (3, 1, 0).
  expect([coronal!.plane.name, coronal!.slice, coronal!.image[0]]).toEqual(["coronal", 1, 3 * 16 + 4]);
  expect(onPage(coronal!, [3, 1, 0])).toEqual({ row: 0, column: 0 });
  // Columns run to the back: voxel (3, 0, 0) is at the upper left.
  expect([sagittal!.plane.name, sagittal!.slice, sagittal!.image[0]]).toEqual(["sagittal", 0, 3 * 16]);
});

test("the same body stored as RAS or with other axes looks the same", () => {
  const [right] = planesOf("RAS");
  // x to the right and y to the front: both are turned on the page.
  expect([right!.rowsTurned, right!.columnsTurned]).toEqual([true, true]);
  // z runs right, y to the foot, x to the front: axial slices lie along array axis 1.
  expect(planesOf("AIR").map(({ name, axis, rowAxis, columnAxis }) => [name, axis, rowAxis, columnAxis])).toEqual([
    ["axial", 1, 2, 0],
    ["coronal", 2, 1, 0],
    ["sagittal", 0, 1, 2],
  ]);
});

test("without orientation planes are named after their axis and stay as stored", () => {
  const along = view(undefined, 1);
  expect([along.plane.name, along.image[0]]).toEqual(["along y", 4]);
  expect(maskOnSlice(truth, 7, along).data.indexOf(1)).toBe(2 * 4); // (2, 1, 0)
});

test("lengths are in mm, or in voxels where the file has no voxel size", () => {
  const unit = (axes: string | undefined, spacing: Zyx) => view(axes, 0, spacing).unit;
  expect([unit("LPS", [2, 1, 1]), unit(undefined, [2, 1, 1]), unit(undefined, [1, 1, 1])]).toEqual([
    "mm",
    "mm",
    "voxels",
  ]);
  // A file that states its orientation states its voxel size too: 1 mm is common.
  expect(unit("LPS", [1, 1, 1])).toBe("mm");
});
