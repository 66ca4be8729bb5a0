import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { writeNifti } from "@ensam/core/files";
import { type Affine, allTurns, turnAffine } from "@ensam/core/geometry";
import { turnGrid, type VoxelArray, type Zyx } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { emptyFolder } from "./testing/sources.ts";

const shape: Zyx = [2, 3, 4];
const lps: Affine = [-1, 0, 0, 50, 0, -2, 0, 60, 0, 0, 3, -70, 0, 0, 0, 1];
const plain = (seed: number): Int16Array => Int16Array.from({ length: 24 }, (_, i) => 10 * i + seed);
const two = (label = 1): Uint16Array => Uint16Array.from({ length: 24 }, (_, i) => (i > 20 ? label : 0));

interface Made {
  readonly image?: VoxelArray;
  readonly label?: VoxelArray | null;
  readonly affine?: Affine;
  readonly labelAffine?: Affine;
  readonly labels?: Record<string, string>;
  readonly turn?: number;
}

/** Writes a case and returns its row; without a word about it, all is well with it. */
async function made(cwd: string, name: string, index: number, content: Made = {}) {
  const { image = plain(index), label = two(), affine = lps, labelAffine = affine, labels, turn = 0 } = content;
  const turned = allTurns[turn]!;
  await writeNifti(
    join(cwd, `${name}.nii`),
    turnGrid({ data: image, shape }, turned),
    turnAffine(turned, shape, affine),
  );
  const grid = { data: label ?? two(), shape };
  await writeNifti(join(cwd, `${name}_l.nii`), turnGrid(grid, turned), turnAffine(turned, shape, labelAffine));
  const identity = { type: "source", case: name, modality: "MR", dataset: "MR_Test", image: `${name}.nii` };
  return { ...identity, ...(label !== null && { label: `${name}_l.nii` }), ...(labels && { labels }) };
}

async function checked(cwd: string, rows: readonly unknown[], ...argv: string[]) {
  const result = await callCommand(main, ["--check", ...argv], { cwd, input: asLines(rows) });
  const found = result.rows as { case: string; about: string; problems: { kind: string; text: string }[] }[];
  const kinds = found.flatMap((row) => row.problems.map(({ kind }) => `${row.case} ${kind}`));
  return { ...result, found, kinds };
}

test("a data set in which nothing is wrong gives exit code 0 and says so; nothing is written", async () => {
  const cwd = await emptyFolder();
  const rows = [await made(cwd, "a", 0), await made(cwd, "b", 1, { labels: { 1: "liver" } })];
  const { code, kinds, error, found } = await checked(cwd, rows);
  expect([code, kinds]).toEqual([0, []]);
  expect(error).toMatch(/2 cases checked: nothing is wrong/);
  expect(found[1]).toMatchObject({ type: "check", about: "case", shape, spacing: [3, 2, 1], axes: "LPS" });
  expect((found[1] as { labels?: unknown }).labels).toEqual({ 1: { voxels: 3, name: "liver" } });
});

test("each fault of a case alone is found by its kind, and is told in the table", async () => {
  const cwd = await emptyFolder();
  const moved = lps.with(3, 57);
  const faults: readonly (readonly [string, Made])[] = [
    ["grid", { labelAffine: moved }],
    ["not-finite", { image: Float32Array.from({ length: 24 }, (_, i) => (i === 3 ? Number.NaN : i)) }],
    ["constant", { image: new Int16Array(24).fill(7) }],
    ["empty", { label: new Uint8Array(24) }],
    ["one-voxel", { label: Uint8Array.from({ length: 24 }, (_, i) => Number(i === 20)) }],
    ["touches-nothing", { image: Int16Array.from({ length: 24 }, (_, i) => (i > 18 ? 0 : i)) }],
    ["overflow", { label: two(300) }],
    ["no-background", { label: Uint8Array.from({ length: 24 }, (_, i) => 1 + (i % 2)) }],
    ["no-label", { label: null }],
    ["no-voxel", { labels: { 1: "liver", 2: "spleen" } }],
    ["no-name", { label: Uint8Array.from({ length: 24 }, (_, i) => i % 3), labels: { 1: "liver" } }],
  ];
  const rows = await Promise.all(faults.map(([kind, content], index) => made(cwd, kind, index, content)));
  await writeFile(join(cwd, "broken.nii"), "no image");
  rows.push({ ...rows[0]!, case: "unreadable", image: "broken.nii" });
  const { code, kinds, error } = await checked(cwd, rows);
  expect(code).toBe(1);
  expect(kinds).toEqual([...faults.map(([kind]) => `${kind} ${kind}`), "unreadable unreadable"]);
  expect(error).toMatch(/12 cases checked: 12 have something wrong/);
  expect(error).toMatch(/ 1 {2}labels over 255\n +overflow: labels over 255, .*: 300\n/);
});

test("what is wrong between cases is told of the later or the odd one", async () => {
  const cwd = await emptyFolder();
  const rows = [
    await made(cwd, "a", 0, { labels: { 1: "liver" } }),
    await made(cwd, "b", 1),
    await made(cwd, "c", 2),
    await made(cwd, "A", 3, { labels: { 1: "spleen" } }),
    await made(cwd, "copy", 1),
    await made(cwd, "turned", 5, { turn: 5 }),
    await made(cwd, "thick", 6, { affine: lps.with(10, 9.5) }),
  ];
  // One image with two label maps is as usual.
  rows.push({ ...rows[1]!, case: "again", label: "c_l.nii" }, { ...rows[2]!, case: "other", label: "turned_l.nii" });
  const { code, kinds, found } = await checked(cwd, rows.slice(0, 7));
  expect(code).toBe(1);
  expect(kinds.toSorted()).toEqual(["A label-name", "A name", "copy duplicate", "thick spacing", "turned orientation"]);
  expect(found.find(({ about }) => about === "set")!.problems[0]!.text).toMatch(
    /named as a, which would be the same file/,
  );
  const shared = await checked(cwd, [rows[1]!, rows[7]!]);
  expect(shared.kinds).toEqual(["again duplicate"]); // The same labels too: c_l.nii is b_l.nii in content.
  const twice = await checked(cwd, [rows[1]!, { ...rows[1]!, case: "again", label: "a2_l.nii" }]);
  expect(twice.kinds).toEqual(["again unreadable"]);
});
