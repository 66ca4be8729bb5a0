import { copyFile, link, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { readNpz, writeChallengeCase } from "@ensam/core/files";
import type { Zyx } from "@ensam/core/voxels";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "./main.ts";

const shape: Zyx = [4, 8, 8];
let folder: string;
const at = (...path: string[]) => join(folder, ...path);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-lost-"));
  for (const name of ["data", "tmp"]) await mkdir(at(name));
  const imgs = { data: Uint8Array.from({ length: 256 }, (_, i) => i), shape };
  const gts = { data: Uint8Array.from({ length: 256 }, (_, i) => (i % 8 < 3 ? 1 : 0)), shape };
  for (const name of ["a", "b"]) await writeChallengeCase(at("data", `${name}.npz`), { imgs, gts, spacing: [1, 1, 1] });
  await writeChallengeCase(at("good.npz"), { segs: gts });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const row = (name: string, npz = `data/${name}.npz`) => ({
  type: "case",
  case: name,
  modality: "CT",
  dataset: "Toy",
  npz,
  shape,
  spacing: [1, 1, 1],
  labels: {},
});
/** Any program: it answers with the truth. */
const predictor = ["--predictor", 'cp "$OLDPWD/good.npz" "outputs/$(ls inputs)"'];
const env = () => ({ PATH: process.env.PATH ?? "", TMPDIR: at("tmp") });
const simulate = (argv: readonly string[], rows: readonly unknown[]) =>
  callCommand(main, [...predictor, ...argv], { input: asLines(rows), cwd: folder, env: env() });

test("a case, its truth and a row file are never written over, whatever the flags, through links too", async () => {
  const before = await readFile(at("data/a.npz"));
  await symlink("data", at("linked"));
  await mkdir(at("hard"));
  await link(at("data/a.npz"), at("hard/a.npz"));
  for (const output of ["data", "linked", "hard"]) {
    for (const flags of [[], ["--overwrite"]]) {
      const result = await simulate(["-o", output, ...flags], [row("a")]);
      expect([result.code, result.error]).toEqual([2, expect.stringContaining("an output that is not read as well")]);
    }
  }
  const truth = await simulate(["-o", "hard", "--truth", "hard", "--overwrite"], [row("a", "data/a.npz")]);
  expect(truth.code).toBe(2);
  await writeFile(at("a.prediction.json"), asLines([row("a")]));
  const rows = await callCommand(main, [...predictor, "a.prediction.json", "-o", "."], { cwd: folder, env: env() });
  expect(rows.code).toBe(2);
  for (const path of ["data/a.npz", "hard/a.npz"]) expect((await readFile(at(path))).equals(before)).toBe(true);
});

test("cases whose names and files are swapped lose nothing either", async () => {
  await mkdir(at("both"));
  for (const name of ["a", "b"]) await copyFile(at(`data/${name}.npz`), at(`both/${name}.npz`));
  const result = await simulate(["-o", "both", "--overwrite"], [row("a", "both/b.npz"), row("b", "both/a.npz")]);
  expect(result.code).toBe(3);
  expect(result.error).toContain("expected a prediction or no file, got a case (it holds imgs,gts)");
  expect((await readNpz(at("both/a.npz"))).keys()).toContain("imgs");
});

test("an npz that another program made is replaced with --overwrite only", async () => {
  await mkdir(at("out"));
  await copyFile(at("good.npz"), at("out/a.npz"));
  const before = await readFile(at("out/a.npz"));
  const refused = await simulate(["-o", "out"], [row("a")]);
  expect([refused.code, refused.error]).toEqual([3, expect.stringContaining("--overwrite replaces it")]);
  expect((await readFile(at("out/a.npz"))).equals(before)).toBe(true);
  expect((await simulate(["-o", "out", "--overwrite"], [row("a")])).code).toBe(0);
  expect((await simulate(["-o", "out"], [row("a")])).code).toBe(0); // Its own now.
});

test("a file that was being made when the command was killed is known for its own", async () => {
  const first = await simulate(["-o", "out"], [row("a")]);
  const facts = JSON.parse(await readFile(at("out/a.prediction.json"), "utf8"));
  await writeFile(at("out/a.prediction.json"), JSON.stringify({ origin: facts.origin }));
  const again = await simulate(["-o", "out"], [row("a")]);
  expect([first.code, again.code]).toEqual([0, 0]);
  expect(await readdir(at("out"))).toEqual(["a.npz", "a.prediction.json"]);
});

test("two that write into one folder at once never fail each other", async () => {
  const runs = await Promise.all([1, 2, 3].map(() => simulate(["-o", "out"], [row("a"), row("b")])));
  expect(runs.map(({ code, error }) => [code, error])).toEqual(runs.map(() => [0, ""]));
  expect((await readdir(at("out"))).sort()).toEqual(["a.npz", "a.prediction.json", "b.npz", "b.prediction.json"]);
});

test("the working folders of a run are removed at its end, and those of a killed one at the next start", async () => {
  const command = 'cp "$PWD/../LOCK" "$OLDPWD/kept"; cp "$OLDPWD/good.npz" outputs/a.npz';
  const seen = await simulate(["-o", "one", "--predictor", command], [row("a")]);
  expect(seen.code).toBe(0);
  expect(await readdir(at("tmp"))).toEqual([]);
  const owner = JSON.parse(await readFile(at("kept"), "utf8")) as { pid: number };
  expect(owner.pid).toBe(process.pid);
  // What a killed run leaves: a folder that names its process. This one's number was used again.
  await mkdir(at("tmp/ensam-simulate-left/1"), { recursive: true });
  await writeFile(at("tmp/ensam-simulate-left/LOCK"), JSON.stringify({ ...owner, begun: "1" }));
  await simulate(["-o", "two"], [row("a")]);
  expect(await readdir(at("tmp"))).toEqual([]);
});
