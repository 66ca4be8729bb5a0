import type { Affine } from "@ensam/core/geometry";
import type { Zyx } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { placePrompts } from "./placePrompts.ts";
import { promptsIn } from "./promptFile.ts";
import { promptsOfFlags } from "./promptFlags.ts";

/** x runs left by 2 mm from 100 to 42, y back by 1 mm from 50 to 31, z up by 5 mm from -300 to -255. */
const affine: Affine = [-2, 0, 0, 100, 0, -1, 0, 50, 0, 0, 5, -300, 0, 0, 0, 1];
const grid = { shape: [10, 20, 30] as Zyx, affine };

function placed(flags: { box?: string[]; click?: string[]; mm?: boolean; coords?: "ras" | "lps" }) {
  const notes: string[] = [];
  const prompts = promptsOfFlags({ mm: false, ...flags });
  const [object] = placePrompts(grid, prompts, undefined, (sentence) => notes.push(sentence));
  return { object: object!, notes };
}

test.each([
  // x: (100 - 94) / 2 = 3; y: 50 - 46 = 4; z: (-290 + 300) / 5 = 2
  [{ click: ["94,46,-290"] }, "; as RAS millimetres x,y,z it lies inside: --coords ras?"],
  [{ click: ["-94,-46,-290"] }, "; as LPS millimetres x,y,z (DICOM, ITK) it lies inside: --coords lps?"],
  [{ click: ["-94,-46,-290"], mm: true }, "; as LPS millimetres x,y,z (DICOM, ITK) it lies inside: --coords lps?"],
  [{ click: ["94,46,-290"], coords: "lps" as const }, "; as RAS millimetres x,y,z it lies inside: --coords ras?"],
  [{ click: ["25,3,2"] }, "; in the order x,y,z it lies inside, but voxels are z,y,x"],
  // As mm: x (100 - 2) / 2 = 49 of 30.
  [{ click: ["2,3,25"], mm: true }, "; as voxels z,y,x it lies inside: --coords voxel?"],
  [{ click: ["-20,300,5"] }, "; voxels count from 0: if these are millimetres, --coords ras or lps?"],
  [{ box: ["94,46,-290,90,40,-280"] }, "; as RAS millimetres x,y,z it lies inside: --coords ras?"],
])("%j lies outside, and the other reading that lies inside is named", (flags, hint) => {
  expect(() => placed(flags)).toThrow(hint);
});

test("where two readings lie inside, both are named", () => {
  const upright: Affine = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const prompts = promptsOfFlags({ mm: false, click: ["12,10,5"] });
  expect(() => placePrompts({ ...grid, affine: upright }, prompts, undefined, () => undefined)).toThrow(
    "; in the order x,y,z it lies inside, but voxels are z,y,x; as RAS millimetres x,y,z it lies inside: --coords ras?",
  );
});

test("where no reading lies inside, nothing is guessed", () => {
  expect(() => placed({ click: ["500,500,500"] })).toThrow(/ mm$/);
});

test("in a prompt file the missing word is its own", () => {
  const { prompts } = promptsIn("p.json", { objects: [{ clicks: [{ at: [94, 46, -290] }] }] });
  expect(() => placePrompts(grid, prompts)).toThrow('"space": "ras"?');
});

test("a box past the border is cut there, with a note; one inside has none", () => {
  const { object, notes } = placed({ box: ["5,5,5,12,8,40"] });
  expect(object.box).toEqual({ min: [5, 5, 5], max: [10, 9, 30] });
  expect(notes).toEqual(["--box 5,5,5,12,8,40: reaches beyond the image and is cut to voxels 5,5,5 to 9,8,29"]);
  // x: (100 - 104) / 2 = -2, cut to 0, and (100 - 90) / 2 = 5
  const inMm = placed({ box: ["104,46,-290,90,40,-280"], mm: true });
  expect(inMm.object.box).toEqual({ min: [2, 4, 0], max: [5, 11, 6] });
  expect(inMm.notes).toHaveLength(1);
  expect(placed({ box: ["0,0,0,9,19,29"] }).notes).toEqual([]);
});

test("a box drawn in one slice is taken as it is, with a note", () => {
  const { object, notes } = placed({ box: ["5,5,5,5,8,9"] });
  expect(object.box).toEqual({ min: [5, 5, 5], max: [6, 9, 10] });
  expect(notes).toEqual([
    "--box 5,5,5,5,8,9: is one voxel thick along z, and so the object is taken to be; a box needs its first and last slice",
  ]);
});

test("a box that would lie inside as millimetres is cut with that hint", () => {
  // As voxels z 5..20 of 10, y 14..42 of 20: cut. As mm x 5..20 of 0..29, y 14..42 of 10..48, z 2..5 of 0..9: inside.
  const grid0 = { shape: [10, 20, 30] as Zyx, affine: [1, 0, 0, 0, 0, 2, 0, 10, 0, 0, 1, 0, 0, 0, 0, 1] as Affine };
  const notes: string[] = [];
  const prompts = promptsOfFlags({ mm: false, box: ["5,14,2,20,42,5"] });
  placePrompts(grid0, prompts, undefined, (sentence) => notes.push(sentence));
  expect(notes[0]).toContain("cut to voxels 5,14,2 to 9,19,5; as RAS millimetres x,y,z it lies inside: --coords ras?");
});
