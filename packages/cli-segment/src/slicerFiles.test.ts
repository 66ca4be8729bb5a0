import type { Affine } from "@ensam/core/geometry";
import type { Zyx } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { markupsIn } from "./markupsFile.ts";
import { placePrompts } from "./placePrompts.ts";
import { pointsIn } from "./pointFile.ts";
import type { PromptFile, SlicerReading } from "./rawPrompts.ts";

/** x runs left by 2 mm from right 100, y back by 1 mm from front 50, z up by 5 mm from -300. */
const affine: Affine = [-2, 0, 0, 100, 0, -1, 0, 50, 0, 0, 5, -300, 0, 0, 0, 1];
const grid = { shape: [10, 20, 30] as Zyx, affine };
const plain: SlicerReading = { object: "1", isBackground: false };

function placed({ prompts, names }: PromptFile) {
  const notes: string[] = [];
  return { objects: placePrompts(grid, prompts, names, (note) => notes.push(note)), notes };
}

/** Voxel z 2, y 4, x 3 lies at right 94, front 46, up -290. */
const point = (position: unknown, more: object = {}) => ({
  label: "F-1",
  position,
  positionStatus: "defined",
  ...more,
});
const list = (controlPoints: unknown[], more: object = {}) => ({
  markups: [{ type: "Fiducial", coordinateSystem: "LPS", coordinateUnits: "mm", controlPoints, ...more }],
});

test("points are LPS or RAS as the file says", () => {
  const lps = placed(markupsIn("F.mrk.json", list([point([-94, -46, -290])]), plain));
  const ras = placed(markupsIn("F.mrk.json", list([point([94, 46, -290])], { coordinateSystem: "RAS" }), plain));
  expect(lps.objects).toEqual([{ label: 1, clicks: [{ at: [2, 4, 3], foreground: true }] }]);
  expect(ras.objects).toEqual(lps.objects);
});

test("labels, descriptions and the flag say what is background, and points that were not placed are left out", () => {
  const points = [
    point([-94, -46, -290]),
    point([-92, -46, -290], { label: "bg-2" }),
    point([-90, -46, -290], { description: "Negative: vessel" }),
    point([-88, -46, -290], { label: "bgland" }),
    point(null, { positionStatus: "undefined" }),
  ];
  const file = markupsIn("F.mrk.json", list(points), { object: "liver", isBackground: false });
  const [liver] = placed(file).objects;
  expect(liver).toMatchObject({ label: 1, name: "liver" });
  expect(liver!.clicks.map(({ at, foreground }) => [at[2], foreground])).toEqual([
    [3, true],
    [4, false],
    [5, false],
    [6, true],
  ]);
  expect(file.notes).toEqual([
    "F.mrk.json: markups[0].controlPoints[4]: a point that was not placed (undefined) is left out",
  ]);
  const all = markupsIn("F.mrk.json", list(points), { object: "1", isBackground: true });
  expect(all.prompts.some(({ prompt }) => prompt.kind === "click" && prompt.foreground)).toBe(false);
});

const roi = (more: object = {}) => ({
  markups: [{ type: "ROI", coordinateSystem: "LPS", center: [-90, -44, -285], size: [6, 4, 15], ...more }],
});

test("an ROI is the voxels whose centres lie in it", () => {
  // Right 87 to 93: x (100 - 93) / 2 = 3.5 to 6.5, so 4 to 6. Front 42 to 46: y 4 to 8. Up -292.5 to -277.5: z 1.5 to
  // 4.5, so 2 to 4.
  const { objects, notes } = placed(markupsIn("R.mrk.json", roi(), plain));
  expect(objects).toEqual([{ label: 1, box: { min: [2, 4, 4], max: [5, 9, 7] }, clicks: [] }]);
  expect(notes).toEqual([]);
  // Slicer writes the axes of LPS with two signs turned; the box is the same.
  const turned = roi({ orientation: [-1, 0, 0, 0, -1, 0, 0, 0, 1] });
  expect(placed(markupsIn("R.mrk.json", turned, plain)).objects).toEqual(objects);
  const ras = roi({ coordinateSystem: "RAS", center: [90, 44, -285] });
  expect(placed(markupsIn("R.mrk.json", ras, plain)).objects).toEqual(objects);
});

test("an ROI thinner than a voxel is the voxel that its middle is nearest to", () => {
  const thin = roi({ size: [6, 4, 0.5], center: [-90, -44, -288] }); // Up -288: z 2.4.
  expect(placed(markupsIn("R.mrk.json", thin, plain)).objects[0]!.box).toEqual({ min: [2, 4, 4], max: [3, 9, 7] });
});

test("an ROI turned against the axes is bounded, with a note of how much larger that is", () => {
  const half = Math.SQRT1_2;
  // A square of 8 mm turned by 45 degrees spans 8 * sqrt(2) = 11.3 mm: 84.34 to 95.66 and 38.34 to 49.66; twice as
  // large.
  const turned = roi({ size: [8, 8, 15], orientation: [half, -half, 0, half, half, 0, 0, 0, 1] });
  const { objects, notes } = placed(markupsIn("R.mrk.json", turned, plain));
  expect(objects[0]!.box).toEqual({ min: [2, 1, 3], max: [5, 12, 8] });
  expect(notes).toEqual([
    "R.mrk.json: markups[0]: is turned against the image's axes; taken is the smallest box of voxels around it, 2.0 times as large",
  ]);
});

test.each([
  [
    list([point([1, 2, 3])], { coordinateSystem: undefined }),
    "coordinateSystem: expected LPS or RAS .* got nothing \\(--coords",
  ],
  [list([point([1, 2, 3])], { coordinateSystem: "HFS" }), 'expected LPS or RAS .* got "HFS"'],
  [list([point([1, 2, 3])], { coordinateUnits: "um" }), 'coordinateUnits: expected "mm", got "um"'],
  [list([point([1, 2])]), "controlPoints\\[0\\].position: expected three numbers, got \\[1,2\\]"],
  [
    list([point(null, { positionStatus: "undefined" })]),
    "F.mrk.json: expected a point that is defined or an ROI, got none",
  ],
  [{ markups: [] }, "markups: expected a list of markups"],
  [{ markups: [{ type: "ClosedCurve" }] }, "lassos, polygons and curves are not taken: give the --box around"],
  [{ markups: [{ type: "Line" }] }, "lines and angles are not taken"],
  [{ markups: [{ type: "Plane" }] }, "boxes in one slice are not taken"],
  [roi({ insideOut: true }), "insideOut: expected an ROI whose inside is meant"],
  [roi({ size: [0, 1, 1] }), "size: expected three lengths above 0"],
  [roi({ orientation: [1, 0, 0, 1, 0, 0, 0, 0, 1] }), "orientation: expected three axes that span a box"],
])("the markups %j are refused", (content, message) => {
  expect(() => markupsIn("F.mrk.json", content as { markups: unknown }, plain)).toThrow(new RegExp(message));
});

test("a file that states no system is read as --coords says", () => {
  const file = list([point([94, 46, -290])], { coordinateSystem: undefined });
  expect(placed(markupsIn("F.mrk.json", file, { ...plain, space: "ras" })).objects[0]!.clicks[0]!.at).toEqual([
    2, 4, 3,
  ]);
});

const columns = "# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID";
const fcsv = (system: string, ...lines: string[]) =>
  ["# Markups fiducial file version = 4.11", system, columns, ...lines].join("\r\n");

test.each([
  ["# CoordinateSystem = LPS", "-94,-46"],
  ["# CoordinateSystem = 1", "-94,-46"],
  ["# CoordinateSystem = RAS", "94,46"],
  ["# CoordinateSystem = 0", "94,46"],
])("%s of an .fcsv file is read in both spellings", (system, xy) => {
  const text = fcsv(system, `1,${xy},-290,0,0,0,1,1,1,0,F-1,,`, `,${xy},-285,0,0,0,1,1,1,0,"bg, vein",,`, "");
  expect(placed(pointsIn("F.fcsv", text, plain)).objects[0]!.clicks).toEqual([
    { at: [2, 4, 3], foreground: true },
    { at: [3, 4, 3], foreground: false },
  ]);
});

test("the columns of an .fcsv file are found by their names", () => {
  const text =
    "# CoordinateSystem = 0\n# columns = label,x,y,z,sel,vis\nbackground,94,46,-290,1,1\nliver,94,46,-285,1,1\n";
  expect(placed(pointsIn("F.fcsv", text, plain)).objects[0]!.clicks).toEqual([
    { at: [2, 4, 3], foreground: false },
    { at: [3, 4, 3], foreground: true },
  ]);
});

test.each([
  [columns, "F.fcsv: CoordinateSystem: expected LPS or RAS (or 1 or 0, as older files have it), got nothing"],
  ["# CoordinateSystem = IJK", 'got "IJK"'],
  ["# CoordinateSystem = 2", 'got "2"'],
])("an .fcsv file with %s is refused", (system, message) => {
  expect(() => pointsIn("F.fcsv", fcsv(system, "1,1,2,3"), plain)).toThrow(message);
});

test("an .fcsv line without three numbers, and a file without points, are refused", () => {
  const lps = "# CoordinateSystem = LPS";
  expect(() => pointsIn("F.fcsv", fcsv(lps, "1,1,,3"), plain)).toThrow(/F\.fcsv:4: expected the numbers x, y, z/);
  expect(() => pointsIn("F.fcsv", fcsv(lps), plain)).toThrow("F.fcsv: expected points, got none");
});
