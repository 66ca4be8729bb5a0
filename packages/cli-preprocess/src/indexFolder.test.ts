import { mkdir, readFile, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { npyArray, writeChallengeCase, writeNpz } from "@ensam/core/files";
import type { Grid, LabelMap } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { main } from "./main.ts";
import { emptyFolder, fourVoxels, writeSource } from "./testing/sources.ts";

const imgs: Grid<Uint8Array> = { data: Uint8Array.of(1, 2, 3, 4), shape: [1, 2, 2] };
const gts: LabelMap = { data: Uint8Array.of(0, 1, 1, 3), shape: [1, 2, 2] };
const content = { imgs, gts, spacing: [5, 0.8, 0.8] as const };

test("files are indexed by their names, in order", async () => {
  const cwd = await emptyFolder();
  await mkdir(join(cwd, "val"));
  await writeChallengeCase(join(cwd, "val", "MR_AMOSMR_amos_0507.npz"), content);
  await writeChallengeCase(join(cwd, "val", "CT_AbdTumor_colon_001.npz"), { ...content, gts: undefined });
  const { code, rows } = await callCommand(main, ["--index", "val", "--quiet"], { cwd });
  expect(code).toBe(0);
  const geometry = { shape: [1, 2, 2], spacing: [5, 0.8, 0.8] };
  expect(rows).toEqual([
    {
      type: "case",
      case: "CT_AbdTumor_colon_001",
      modality: "CT",
      dataset: "CT_ColonTumor",
      npz: join(cwd, "val", "CT_AbdTumor_colon_001.npz"),
      ...geometry,
      labels: {},
    },
    {
      type: "case",
      case: "MR_AMOSMR_amos_0507",
      modality: "MR",
      dataset: "MR_AMOS",
      npz: join(cwd, "val", "MR_AMOSMR_amos_0507.npz"),
      ...geometry,
      labels: { "1": { voxels: 2 }, "3": { voxels: 1 } },
    },
  ]);
});

test("folders of the training set say more than the name, and --modality helps where neither does", async () => {
  const cwd = await emptyFolder();
  await mkdir(join(cwd, "CT", "CT_KidneyTumor"), { recursive: true });
  await mkdir(join(cwd, "own"));
  await writeChallengeCase(join(cwd, "CT", "CT_KidneyTumor", "CT_AbdTumor_case_00018.npz"), content);
  await writeChallengeCase(join(cwd, "own", "patient7.npz"), content);
  const { rows } = await callCommand(main, ["--index", ".", "--quiet"], { cwd });
  expect(rows[0]).toMatchObject({ modality: "CT", dataset: "CT_KidneyTumor" });
  expect(rows[1]).toMatchObject({ type: "failure", case: "patient7" });
  expect(rows[1]!.error).toContain("expected a name that starts with CT_, MR_, PET_, US_ or Microscopy_");
  const helped = await callCommand(main, ["--index", "own", "--modality", "US"], { cwd });
  expect(helped.rows[0]).toMatchObject({ modality: "US", dataset: "own" });
});

test("the index of what was made is what was said when it was made", async () => {
  const cwd = await emptyFolder();
  const source = await writeSource(cwd, "CT_Test_a", fourVoxels);
  const made = await callCommand(main, ["-o", "data", "--quiet"], { cwd, input: asLines([source]) });
  const indexed = await callCommand(main, ["--index", "data", "--quiet"], { cwd });
  expect(indexed.rows).toEqual(made.rows);
});

test("each broken file is one clear failure row, and the others are indexed", async () => {
  const cwd = await emptyFolder();
  const path = (name: string): string => join(cwd, `${name}.npz`);
  await writeChallengeCase(path("CT_A_good"), content);
  const bytes = await readFile(path("CT_A_good"));
  await writeFile(path("CT_B_cut"), bytes.subarray(0, bytes.length - 100));
  await writeFile(path("CT_C_text"), "hello");
  await writeFile(path("CT_D_none"), "");
  await writeNpz(path("CT_E_key"), {
    gts: npyArray(gts.data, [1, 2, 2]),
    spacing: npyArray(Float64Array.of(1, 1, 1), [3]),
  });
  await writeChallengeCase(path("CT_F_shape"), { ...content, gts: { ...gts, shape: [1, 1, 4] } });
  await writeChallengeCase(path("CT_G_empty"), { ...content, gts: { ...gts, data: new Uint8Array(4) } });
  await writeChallengeCase(path("CT_H_spacing"), { ...content, spacing: undefined });
  await writeChallengeCase(path("CT_I_good"), content);
  const { code, rows, error } = await callCommand(main, ["--index", ".", "--quiet"], { cwd });
  expect(code).toBe(1);
  expect(rows.map((row) => row.type)).toEqual(["case", ...new Array(7).fill("failure"), "case"]);
  const errors = rows.map((row) => String(row.error));
  expect(errors[4]).toContain('CT_E_key.npz: expected the key "imgs", got gts, spacing');
  expect(errors[5]).toContain("CT_F_shape.npz: gts: expected the shape of imgs [1, 2, 2], got [1, 1, 4]");
  expect(errors[6]).toContain("label: expected at least one labelled voxel, got none");
  expect(errors[7]).toContain('CT_H_spacing.npz: expected the key "spacing"');
  for (const line of errors.slice(1, 8)) expect(line).toMatch(/expected .+, got .+/);
  expect(error.trim().split("\n")).toHaveLength(7 + 1);
});

test("an empty or missing folder is one line and exit code 3", async () => {
  const cwd = await emptyFolder();
  const empty = await callCommand(main, ["--index", "."], { cwd });
  expect(empty).toMatchObject({ code: 3, output: "" });
  expect(empty.error).toContain("expected npz files, got none");
  expect((await callCommand(main, ["--index", "none"], { cwd })).code).toBe(3);
});

test("linked folders are indexed, and a circle is told", async () => {
  const [cwd, store] = [await emptyFolder(), await emptyFolder()];
  await mkdir(join(cwd, "data", "CT"), { recursive: true });
  await writeChallengeCase(join(store, "CT_SetA_1.npz"), content);
  await symlink(store, join(cwd, "data", "CT", "SetA"));
  await symlink("..", join(cwd, "data", "CT", "SetB"));
  const { code, rows, error } = await callCommand(main, ["--index", "data", "--quiet"], { cwd });
  expect({ code, cases: rows.map((row) => [row.case, row.dataset]) }).toEqual({
    code: 0,
    cases: [["CT_SetA_1", "SetA"]],
  });
  expect(error).toMatch(/SetB: a link to .*data, which is listed already; not followed/);
});

test("with rows of an earlier index only what has changed since is read again", async () => {
  const cwd = await emptyFolder();
  const names = ["CT_AMOS_amos_0001", "CT_AMOS_amos_0002", "CT_AMOS_amos_0003"];
  await mkdir(join(cwd, "val"));
  for (const name of names) await writeChallengeCase(join(cwd, "val", `${name}.npz`), content);
  const first = await callCommand(main, ["--index", "val", "--quiet"], { cwd });
  // The known row of the first says something that no file does, and the second's file is written again later.
  const known = first.rows.slice(0, 2).map((row) => ({ ...row, dataset: "known" }));
  await writeFile(join(cwd, "known.ndjson"), asLines(known));
  const now = Date.now() / 1000;
  await utimes(join(cwd, "val", `${names[0]}.npz`), now - 100, now - 100);
  await utimes(join(cwd, "known.ndjson"), now - 50, now - 50);
  const { code, rows } = await callCommand(main, ["--index", "val", "--known", "known.ndjson", "--quiet"], { cwd });
  expect(code).toBe(0);
  expect(rows).toEqual([known[0], first.rows[1], first.rows[2]]);
  const lone = await callCommand(main, ["known.ndjson", "--known", "known.ndjson", "-o", "out"], { cwd });
  expect([lone.code, lone.error]).toEqual([2, expect.stringContaining("--known: expected --index FOLDER")]);
});
