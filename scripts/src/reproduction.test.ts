import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { reproductionJobs } from "./reproduction/jobs.ts";
import { makeChallengeFolder } from "./testing/challengeFolder.ts";
import { makeProcess } from "./testing/makeProcess.ts";
import { isBuilt, reproductionFlags, resultOf } from "./testing/reproduction.ts";

if (!isBuilt) console.log("reproduction.test: no build: make is not run (make setup builds it)");

let folder = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ensam-reproduction-"));
  await makeChallengeFolder(join(folder, "data"), { broken: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...path: string[]) => join(folder, ...path);

async function reproduce(shards: number): Promise<string> {
  const make = makeProcess(["reproduce", ...reproductionFlags(at("data"), at("out"), { shards })]);
  expect(await make.ended, make.said()).toBe(0);
  return make.said();
}

test.runIf(isBuilt)(
  "make reproduce goes from the challenge's folders to the report, and again does nothing",
  { timeout: 300_000 },
  async () => {
    await reproduce(2);
    const result = resultOf(at("out"));
    expect(result.coreset.map(({ dataset }) => dataset)).toEqual(expect.not.arrayContaining(["CT_Aorta"]));
    expect(result.coreset).toHaveLength(8); // Four eligible datasets, a ceiling of two each.
    expect(result.validation).toHaveLength(7);
    expect(result.scores).toHaveLength(6);
    expect(result.failures).toMatchObject([{ case: "CT_AMOS_amos_0100", stage: "preprocess" }]);
    expect(result.figures).toHaveLength(6); // CT has two cases, the others one.
    const report = readFileSync(at("out/report.html"), "utf8");
    for (const words of ["Table 3", "Table 4", "Not comparable"]) expect(report).toContain(words);

    const times = () =>
      ["scores.ndjson", "report.html", "run/.trained"].map((name) => statSync(at("out", name)).mtimeMs);
    const before = times();
    expect(await reproduce(2)).not.toMatch(/ensam-/);
    expect(await reproduce(5), "of another number of shards").not.toMatch(/ensam-/);
    expect(times()).toEqual(before);

    cpSync(at("data"), at("other"), { recursive: true, preserveTimestamps: true });
    const refused = await said("reproduce", ...reproductionFlags(at("other"), at("out")));
    expect(refused).toEqual([
      2,
      expect.stringContaining(
        `${at("out")}/: expected DATA=${at("data")} as when it was begun, got DATA=${at("other")}`,
      ),
    ]);
    expect(times()).toEqual(before);
    const named = await said("reproduce", ...reproductionFlags(at("data"), at("out"), { shards: 2 }), `FIGURE_CASES=x`);
    expect(named, "another report").toEqual([expect.any(Number), expect.stringContaining("--figure-cases 'x'")]);
    expect(named[1]).not.toMatch(/ensam-(preprocess|coreset|train|simulate) /);
  },
);

/** What make ends with and says. */
async function said(...argv: string[]): Promise<[code: number | null, text: string]> {
  const make = makeProcess(argv);
  return [await make.ended, make.said()];
}

const settings = (...argv: string[]) =>
  execFileSync(fileURLToPath(new URL("../reproductionSettings.sh", import.meta.url)), argv, {
    encoding: "utf8",
  }).trim();

/** A folder with one file in train/ and in validation/, and one begun with it: nothing of them is read. */
function begun(): { flags: string[]; out: string } {
  const base = mkdtempSync(at("begun-"));
  for (const name of ["a/train", "a/validation", "b/train", "b/validation"]) {
    mkdirSync(join(base, name), { recursive: true });
    writeFileSync(join(base, name, "CT_x_1.npz"), "");
  }
  return { flags: [`DATA=${join(base, "a")}`, "BUDGET=8", "REPRODUCE_FLAGS=--lr 0.1"], out: join(base, "out") };
}

/** Makes files of stages, as if they were finished. */
function finish(folder: string, ...names: string[]): void {
  for (const name of names) {
    mkdirSync(join(folder, name, ".."), { recursive: true });
    writeFileSync(join(folder, name), "");
  }
}

test("a folder does not go on with what would have given other results", async () => {
  const { flags, out } = begun();
  const make = (...more: string[]) => said(...flags, `REPRODUCTION=${out}`, ...more);
  expect(await make("keep-settings")).toEqual([0, ""]);
  const [data] = flags;
  const other = (name: string) => `DATA=${join(out, "..", name)}`;
  const refusal = (kept: string, given: string) =>
    `${out}/: expected ${kept} as when it was begun, got ${given} (REPRODUCTION=DIR begins another; remove the folder to begin anew)`;
  for (const goal of ["reproduce", "submit", join(out, "coreset.ndjson")]) {
    expect(await make("-n", goal, other("b"))).toEqual([2, expect.stringContaining(refusal(data!, other("b")))]);
    expect((await make("-n", goal, other("b/../a/")))[1], "the same folder").not.toContain("as when");
  }
  const truth = `VALIDATION_TRUTH=${out}`;
  const refused: [made: string, kept: string, given: string][] = [
    ["coreset.ndjson", "BUDGET=8", "BUDGET=9"],
    ["run/.trained", "REPRODUCE_FLAGS=--lr 0.1", "REPRODUCE_FLAGS=--lr 0.2"],
    ["predictions/x.npz", "VALIDATION_TRUTH=", truth],
  ];
  for (const [made, kept, given] of refused) {
    expect(await make("-n", "reproduce", given), `before ${made}`).toEqual([0, expect.any(String)]);
    finish(out, made);
    expect(await make("-n", "reproduce", given)).toEqual([2, expect.stringContaining(refusal(kept, given))]);
  }
  expect((await make("-n", "reproduce", "DEVICE=cpu", "SHARDS=3", "JOBS=2"))[0]).toBe(0);
});

test.runIf(isBuilt)(
  "jobs get the settings that came by the environment, too, and a dry run begins nothing",
  async () => {
    const { flags, out } = begun();
    vi.stubEnv("BUDGET", "7");
    vi.stubEnv("REPRODUCE_FLAGS", "--lr 0.3");
    try {
      const [code, text] = await said("submit", flags[0]!, `REPRODUCTION=${out}`, "DRY_RUN=1");
      expect([code, text.match(/^command=.* BUDGET=7 /gm)]).toEqual([0, expect.objectContaining({ length: 7 })]);
      expect(text).toContain("REPRODUCE_FLAGS=--lr 0.3");
      expect(existsSync(out)).toBe(false);
    } finally {
      vi.unstubAllEnvs();
    }
  },
);

test("what nothing depends on yet may change; a folder without settings gets them", async () => {
  const { flags, out } = begun();
  finish(out, "run/.trained");
  const keep = (...more: string[]) => said("keep-settings", ...flags, `REPRODUCTION=${out}`, ...more);
  const budget = () => /^BUDGET=.*$/m.exec(readFileSync(join(out, "settings.txt"), "utf8"))?.[0];
  expect([await keep(), budget()]).toEqual([[0, ""], "BUDGET=8"]);
  expect([await keep("BUDGET=10%"), budget()]).toEqual([[0, ""], "BUDGET=10%"]);
});

test("numbers that are none, and folders without npz files, are refused before anything is made", async () => {
  const { flags, out } = begun();
  mkdirSync(at("none"));
  const budget = "BUDGET: expected a count such as 4471 or a share such as 10%, got";
  const shards = "SHARDS: expected a whole number from 1 to 100000, got";
  const wrong: [variable: string, words: string, ...goals: string[]][] = [
    ["BUDGET=abc", `${budget} abc`, "plan", "submit"],
    ["BUDGET=101%", `${budget} 101%`],
    ["BUDGET=0.0%", `${budget} 0.0%`],
    ["BUDGET=", `${budget} nothing`],
    ["SHARDS=x", `${shards} x`, "plan"],
    ["SHARDS=0", `${shards} 0`, "reproduce"],
    ["SHARDS=100001", `${shards} 100001`],
    ["JOBS=1.5", "JOBS: expected a whole number of at least 1, got 1.5", "reproduce"],
    [`TRAIN_NPZ=${at("none")}`, `TRAIN_NPZ: expected npz files in ${at("none")}, got none`, "plan", "submit"],
    [`VALIDATION_NPZ=${at("none")}`, `VALIDATION_NPZ: expected npz files in ${at("none")}, got none`, "plan"],
  ];
  for (const [variable, words, ...goals] of wrong) {
    expect(settings("values", "", variable)).toBe(words);
    for (const goal of goals) {
      const [code, text] = await said(goal, ...flags, `REPRODUCTION=${out}`, variable);
      expect([goal, code, text.trim().split("\n")]).toEqual([goal, 2, [expect.stringContaining(words)]]);
    }
  }
  expect(existsSync(out)).toBe(false);
  expect(settings("values", "", "BUDGET=1", "BUDGET=0.5%", "BUDGET=100%", "SHARDS=100000", "JOBS=12")).toBe("");
});

test("the stages as jobs wait for each other, and what several tasks read is made before them", () => {
  const jobs = reproductionJobs({
    folder: "out",
    shards: 4,
    variables: ["DATA=/my data", "SHARDS=4", "SBATCH=--partition=cpu"],
    sbatch: { train: ["--gpus=1"], simulate: [] },
  });
  const make = "make -o node_modules/.built";
  expect(jobs.map(({ job, after, pairwise }) => [job, after, pairwise])).toEqual([
    ["index-train", undefined, undefined],
    ["index-validation", undefined, undefined],
    ["coreset", ["index-train", "index-validation"], undefined],
    ["train", ["coreset"], undefined],
    ["simulate", ["train"], undefined],
    ["eval", ["simulate"], true],
    ["report", ["eval"], undefined],
  ]);
  expect(jobs[2]!.command).toBe(`${make} out/coreset.ndjson out/validation.ndjson SHARDS=4 'DATA=/my data'`);
  expect(jobs[3]!.sbatch).toEqual(["--gpus=1"]);
  expect(jobs[5]).toMatchObject({
    shards: 4,
    command: `${make} out/parts/scores-{rank}-of-4.ndjson SHARDS=4 'DATA=/my data'`,
  });
});

test("without DATA, or with half of it, make says what it expected", async () => {
  for (const target of ["reproduce", "plan", "submit"]) {
    const make = makeProcess([target, `DATA=${at("nowhere")}`]);
    expect([await make.ended, make.said()]).toEqual([2, expect.stringContaining(`make ${target}: expected DATA=DIR`)]);
  }
});
