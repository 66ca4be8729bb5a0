import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
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
  },
);

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
