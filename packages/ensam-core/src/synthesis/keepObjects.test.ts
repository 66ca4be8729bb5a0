import { expect, test } from "vitest";
import { keepObjects } from "./keepObjects.ts";

/** 5 x 5 x 5 voxels: label 4 is a bar of 1 x 2 x 3 inside, 8 is the plane z = 0, 9 is one voxel inside. */
function map() {
  const data = new Int32Array(125);
  const at = (z: number, y: number, x: number) => (z * 5 + y) * 5 + x;
  for (let y = 0; y < 5; y++) for (let x = 0; x < 5; x++) data[at(0, y, x)] = 8;
  for (let y = 1; y < 3; y++) for (let x = 1; x < 4; x++) data[at(2, y, x)] = 4;
  data[at(3, 3, 3)] = 9;
  return { data, shape: [5, 5, 5] as const };
}

test("what is cut off or tiny is left out, but never the focus", () => {
  expect(keepObjects(map(), 4)).toMatchObject({ from: [4], hasFocus: true });
  // 8 lies with all of its voxels on the border, 9 has one voxel: each is kept only as the focus.
  expect(keepObjects(map(), 8).from).toEqual([4, 8]);
  expect(keepObjects(map(), 9).from).toEqual([4, 9]);
  expect(keepObjects(map(), 5)).toMatchObject({ from: [4], hasFocus: false });
});

test("kept labels are renumbered from 1 in their order, the others become background", () => {
  const { labels } = keepObjects(map(), 9);
  const count = (label: number) => labels.data.filter((value) => value === label).length;
  expect([count(1), count(2), count(0)]).toEqual([6, 1, 118]);
});
