import { type Affine, voxelToWorld } from "@ensam/core/geometry";
import type { Zyx } from "@ensam/core/voxels";
import fc from "fast-check";
import { expect, test } from "vitest";
import { placePrompts } from "./placePrompts.ts";
import { promptsIn } from "./promptFile.ts";
import { promptsOfFlags } from "./promptFlags.ts";

/** x runs left by 2 mm from 100, y back by 1 mm from 50, z up by 5 mm from -300. */
const affine: Affine = [-2, 0, 0, 100, 0, -1, 0, 50, 0, 0, 5, -300, 0, 0, 0, 1];
const grid = { shape: [10, 20, 30] as Zyx, affine };

const placed = (flags: { box?: string[]; click?: string[]; mm?: boolean; coords?: "ras" | "lps" }) =>
  placePrompts(grid, promptsOfFlags({ mm: false, ...flags }));

test("prompts without an object are those of object 1, and both corners of a box are inside", () => {
  expect(placed({ box: ["1,2,3,4,5,6"], click: ["2,3,4", "0,0,0,bg"] })).toEqual([
    {
      label: 1,
      box: { min: [1, 2, 3], max: [5, 6, 7] },
      clicks: [
        { at: [2, 3, 4], foreground: true },
        { at: [0, 0, 0], foreground: false },
      ],
    },
  ]);
});

test("the corners of a box may come in any order", () => {
  expect(placed({ box: ["4,2,6,1,5,3"] })[0]!.box).toEqual({ min: [1, 2, 3], max: [5, 6, 7] });
});

test("a number is a label, and names get the smallest free labels in order", () => {
  const objects = placed({ box: ["2:0,0,0,1,1,1"], click: ["liver:1,1,1", "tail:2,2,2", "liver:3,3,3"] });
  expect(objects.map(({ label, name, clicks }) => [label, name, clicks.length])).toEqual([
    [1, "liver", 2],
    [2, undefined, 0],
    [3, "tail", 1],
  ]);
});

test("millimetres are x, y, z to right, front and up", () => {
  // x: (100 - 94) / 2 = 3; y: 50 - 46 = 4; z: (-290 + 300) / 5 = 2
  expect(placed({ click: ["94,46,-290"], mm: true })[0]!.clicks[0]!.at).toEqual([2, 4, 3]);
  expect(placed({ box: ["94,46,-290,90,40,-280"], mm: true })[0]!.box).toEqual({ min: [2, 4, 3], max: [5, 11, 6] });
});

test("millimetres to left, back and up are the same points with two signs turned; --mm is --coords ras", () => {
  const at = (flags: Parameters<typeof placed>[0]) => placed(flags)[0]!.clicks[0]!.at;
  expect(at({ click: ["-94,-46,-290"], coords: "lps" })).toEqual([2, 4, 3]);
  expect(at({ click: ["94,46,-290"], coords: "ras", mm: true })).toEqual([2, 4, 3]);
  expect(() => placed({ click: ["1,1,1"], coords: "lps", mm: true })).toThrow(
    "--mm is --coords ras), got --coords lps",
  );
});

test("the millimetres of a voxel's centre lead back to the voxel", () => {
  fc.assert(
    fc.property(fc.tuple(fc.nat(9), fc.nat(19), fc.nat(29)), (voxel) => {
      const point = voxelToWorld(affine, voxel).join(",");
      expect(placed({ click: [point], mm: true })[0]!.clicks[0]!.at).toEqual(voxel);
    }),
  );
});

test("a point outside of the image names the valid voxels and where they lie", () => {
  expect(() => placed({ click: ["liver:2,3,30"] })).toThrow(
    "--click liver:2,3,30: expected voxels with z 0 to 9, y 0 to 19, x 0 to 29 (x,y,z from (100, 50, -300) to (42, 31, -255) mm), got z 2, y 3, x 30, which is (40, 47, -290) mm",
  );
  expect(() => placed({ click: ["0,0,0"], mm: true })).toThrow("got z 60, y 50, x 50, which is (0, 0, 0) mm");
  expect(() => placed({ box: ["10,0,0,12,1,1"] })).toThrow("--box 10,0,0,12,1,1: expected voxels with z 0 to 9");
});

test.each([
  [{ click: ["1,2"] }, "--click 1,2: expected three numbers z,y,x"],
  [{ click: ["1,2,3,maybe"] }, "--click 1,2,3,maybe: expected three numbers"],
  [{ click: [":1,2,3"] }, "expected a label number or a name before"],
  [{ click: ["1.5,2,3"] }, "expected whole voxel numbers (or --coords ras or lps), got 1.5,2,3"],
  [{ box: ["1,2,3,4"] }, 'got "1,2,3,4"; boxes in one slice are not taken: a --box needs its first and last slice too'],
  [{ box: ["1,2,3,4,5"] }, "--box 1,2,3,4,5: expected six numbers z0,y0,x0,z1,y1,x1"],
  [{ box: ["1,1,1,2,2,2", "1,1,1,3,3,3"] }, "expected one box for object 1, got a second"],
  [{ click: ["1,1,1,bg"] }, "object 1: expected a box or a foreground click, got background clicks only"],
  [{}, "prompts: expected --box, --click or --prompts, got none"],
])("%j is refused", (flags, message) => {
  expect(() => placed(flags)).toThrow(message);
});

test("a file gives names to labels, and its prompts join those of the flags", () => {
  const { prompts, names } = promptsIn("p.json", {
    objects: [
      {
        label: 7,
        name: "liver",
        box: [
          [1, 2, 3],
          [4, 5, 6],
        ],
      },
      { name: "tail", clicks: [{ at: [1, 1, 1] }, { at: [2, 2, 2], kind: "bg" }] },
    ],
  });
  const flags = promptsOfFlags({ click: ["liver:3,3,3"], mm: false });
  expect(placePrompts(grid, [...prompts, ...flags], names)).toEqual([
    {
      label: 1,
      name: "tail",
      clicks: [
        { at: [1, 1, 1], foreground: true },
        { at: [2, 2, 2], foreground: false },
      ],
    },
    {
      label: 7,
      name: "liver",
      box: { min: [1, 2, 3], max: [5, 6, 7] },
      clicks: [{ at: [3, 3, 3], foreground: true }],
    },
  ]);
});

test.each([
  [[], "p.json: expected an object, got []"],
  [{ objects: [] }, "p.json: objects: expected a list of objects, got []"],
  [{ space: "pixel", objects: [{}] }, 'p.json: space: expected "voxel", "ras" (or "mm") or "lps", got "pixel"'],
  [{ objects: [{ lable: 3 }] }, 'objects[0]: expected the keys label, name, box, clicks, got "lable"'],
  [{ objects: [{ scribbles: [] }] }, "clicks (scribbles are not taken: a few --click along the stroke say the same"],
  [{ objects: [{ lasso: [] }] }, "(lassos, polygons and curves are not taken: give the --box around the outline"],
  [{ objects: [{ bbox2d: [] }] }, "(boxes in one slice are not taken: a --box needs its first and last slice too"],
  [
    {
      objects: [
        {
          box: [
            [1, 2],
            [3, 4],
          ],
        },
      ],
    },
    "objects[0].box: expected two corners of three numbers (boxes in one slice",
  ],
  [{ objects: [{ label: 0 }] }, "objects[0].label: expected a whole number from 1 to 999999999, got 0"],
  [{ objects: [{ label: 4e9 }] }, "objects[0].label: expected a whole number from 1 to 999999999, got 4000000000"],
  [{ objects: [{ name: "0" }] }, 'objects[0].name: expected text that is no number (label gives the number), got "0"'],
  [
    { objects: [{ label: 2 }, { label: 2 }] },
    "objects[1]: expected a label and a name of its own, not those of objects[0]",
  ],
  [{ objects: [{ name: "a" }, { label: 2, name: "a" }] }, 'not those of objects[0], got "a"'],
  [{ objects: [{ box: [[1, 2, 3]] }] }, "objects[0].box: expected two corner points"],
  [{ objects: [{ clicks: [{ at: [1, 2] }] }] }, "objects[0].clicks[0].at: expected three numbers, got [1,2]"],
  [{ objects: [{ clicks: [{ at: [1, 2, 3], kind: "no" }] }] }, 'clicks[0].kind: expected "fg" or "bg", got "no"'],
])("the prompt file %j is refused", (content, message) => {
  expect(() => promptsIn("p.json", content)).toThrow(message);
});

test("objects of a file without label and name stay apart, and take the smallest free labels in their order", () => {
  const at = (z: number) => [{ at: [z, 1, 1] }];
  const { prompts, names } = promptsIn("p.json", {
    objects: [{ clicks: at(0) }, { label: 2, clicks: at(1) }, { clicks: at(2) }, { name: "liver", clicks: at(3) }],
  });
  const objects = placePrompts(grid, prompts, names);
  expect(objects.map(({ label, name, clicks }) => [label, name, clicks.map(({ at }) => at[0])])).toEqual([
    [1, undefined, [0]],
    [2, undefined, [1]],
    [3, undefined, [2]],
    [4, "liver", [3]],
  ]);
});

test("the only object of a file without label and name is object 1, which flags without an object add to", () => {
  const { prompts, names } = promptsIn("p.json", { objects: [{ clicks: [{ at: [1, 1, 1] }] }] });
  const objects = placePrompts(grid, [...prompts, ...promptsOfFlags({ mm: false, click: ["2,2,2"] })], names);
  expect(objects.map(({ label, clicks }) => [label, clicks.length])).toEqual([[1, 2]]);
});

test.each(["0:1,1,1", "-1:1,1,1", "00:1,1,1", "01:1,1,1", "1.5:1,1,1", "1e3:1,1,1", "4000000000:1,1,1", "١:1,1,1"])(
  "the object of %s is a number that is no label, and refused",
  (click) => {
    expect(() => placed({ click: [click] })).toThrow(/expected a label number from 1 to 999999999 or a name/);
  },
);
