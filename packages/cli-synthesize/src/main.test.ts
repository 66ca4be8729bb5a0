import { copyFile, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { npyArray, readChallengeCase, writeNpz } from "@ensam/core/files";
import { expect, test } from "vitest";
import { main } from "./main.ts";

/** A folder with map.npz: 20³ voxels with a cube of 8³ (label 3) and one of 5³ (label 9), and its labelmap row. */
async function folderWithMap() {
  const cwd = await mkdtemp(join(tmpdir(), "ensam-synthesize-"));
  const gts = new Uint8Array(8000);
  const cube = (from: number, to: number, label: number) => {
    for (let z = from; z < to; z++)
      for (let y = from; y < to; y++) for (let x = from; x < to; x++) gts[(z * 20 + y) * 20 + x] = label;
  };
  cube(2, 10, 3);
  cube(12, 17, 9);
  await writeNpz(join(cwd, "map.npz"), { gts: npyArray(gts, [20, 20, 20]) });
  const row = { type: "labelmap", case: "map", dataset: "LM_Test", label: "map.npz", labels: { "3": "large cube" } };
  return { cwd, row };
}

const synthesize = (cwd: string, rows: readonly unknown[], ...argv: string[]) =>
  callCommand(main, ["-o", "out", "--size", "24", "--quiet", ...argv], { cwd, input: asLines(rows) });

test("a label map gives cases with image and truth, its objects in turn", async () => {
  const { cwd, row } = await folderWithMap();
  const { code, rows, error } = await synthesize(cwd, [row], "--each", "4");
  expect({ code, error, count: rows.length }).toEqual({ code: 0, error: "", count: 4 });
  for (const made of rows) {
    expect(made).toMatchObject({ type: "case", dataset: "Synthetic_LM_Test" });
    const { imgs, gts } = await readChallengeCase(String(made.npz));
    expect([imgs!.shape, gts!.shape]).toEqual([made.shape, made.shape]);
    const labels = made.labels as Record<string, { voxels: number; name?: string }>;
    for (const [label, { voxels }] of Object.entries(labels)) {
      expect(gts!.data.filter((value) => value === Number(label))).toHaveLength(voxels);
    }
  }
  const names = rows.flatMap((made) => Object.values(made.labels as object).map((label) => label.name));
  expect(names).toContain("large cube");
});

test("the same seed gives the same bytes, in any shard; another seed others", async () => {
  const { cwd, row } = await folderWithMap();
  const rows = [row, { ...row, case: "other" }];
  await synthesize(cwd, rows, "--each", "2");
  const first = await readFile(join(cwd, "out", "other_0002.npz"));
  await synthesize(cwd, rows, "--each", "2", "--overwrite", "--shard", "2/2");
  expect(await readFile(join(cwd, "out", "other_0002.npz"))).toEqual(first);
  await synthesize(cwd, rows, "--each", "2", "--overwrite", "--seed", "2");
  expect(await readFile(join(cwd, "out", "other_0002.npz"))).not.toEqual(first);
});

test("a label map is never written over, whatever the flags, nor the data file of its header", async () => {
  const { cwd, row } = await folderWithMap();
  const before = await readFile(join(cwd, "map.npz"));
  const meta = ["NDims = 3", "DimSize = 20 20 20", "ElementType = MET_UCHAR", "ElementDataFile = out/map_0001.npz", ""];
  await mkdir(join(cwd, "out"));
  await writeFile(join(cwd, "map.mhd"), meta.join("\n"));
  await copyFile(join(cwd, "map.npz"), join(cwd, "out", "map_0001.npz"));
  for (const label of ["out/map_0001.npz", "map.mhd"]) {
    const { code, error } = await synthesize(cwd, [{ ...row, label }], "--each", "1", "--overwrite");
    expect([code, error]).toEqual([2, expect.stringContaining("an output that is not read as well")]);
  }
  expect((await readFile(join(cwd, "out", "map_0001.npz"))).equals(before)).toBe(true);
});

test("shapes need no rows, and come in the styles that are asked for", async () => {
  const { cwd } = await folderWithMap();
  const { rows, error } = await synthesize(cwd, [], "--shapes", "7", "--style", "PET");
  expect(error).toBe("");
  expect(rows.map((row) => row.case)).toEqual(
    ["blobs", "lesions", "holed", "tubes", "trees", "sheets", "instances"].map((kind) => `shapes_${kind}_0001`),
  );
  expect(new Set(rows.map((row) => row.modality))).toEqual(new Set(["PET"]));
});

test("a file that is there is not replaced, and a row without label map fails alone", async () => {
  const { cwd, row } = await folderWithMap();
  await synthesize(cwd, [row], "--each", "1");
  const before = await readFile(join(cwd, "out", "map_0001.npz"));
  const image = { type: "source", case: "bare", modality: "CT", dataset: "CT_Test", image: "a.nii" };
  const { code, rows } = await synthesize(cwd, [row, image, { ...row, case: "new" }], "--each", "1", "--seed", "5");
  expect(code).toBe(1);
  expect(rows.map((made) => [made.type, made.case, made.error])).toEqual([
    ["failure", "map", expect.stringMatching(/map_0001.npz: expected no file of this name, got one; --overwrite/)],
    ["failure", "bare", "bare: label: expected the path of a label map, got none"],
    ["case", "new_0001", undefined],
  ]);
  expect(await readFile(join(cwd, "out", "map_0001.npz"))).toEqual(before);
});
