import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "./main.ts";

let folder = "";
const path = process.env.PATH;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-submit-"));
});
afterEach(() => {
  process.env.PATH = path;
  rmSync(folder, { recursive: true, force: true });
});

const jobs = [
  { type: "job", job: "one", command: "echo {shard}", shards: 3 },
  { type: "job", job: "two", command: "echo {rank}", shards: 3, after: ["one"], pairwise: true },
  { type: "job", job: "three", command: "true", after: ["two"] },
];
const submit = (rows: readonly object[], ...argv: string[]) =>
  callCommand(main, argv, { input: asLines(rows), cwd: folder });

/** Puts programs in the place of Slurm's. */
function slurm(programs: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  process.env.PATH = `${folder}:${path}`;
}
const sbatch = `cd '${folder}'; n=$(( $(cat n 2> /dev/null || echo 40) + 1 )); echo $n > n; cat > script-$n; echo "$n;cluster"`;

test("jobs are submitted in their order, each waiting for the ids before it", async () => {
  slurm({ sbatch });
  const { code, rows } = await submit(jobs, "--logs", join(folder, "logs"));
  expect(code).toBe(0);
  expect(rows.map(({ type, job, id }) => [type, job, id])).toEqual([
    ["submitted", "one", "41"],
    ["submitted", "two", "42"],
    ["submitted", "three", "43"],
  ]);
  expect(readFileSync(join(folder, "script-42"), "utf8")).toContain("--dependency=aftercorr:41\n");
  expect(readFileSync(join(folder, "script-43"), "utf8")).toContain("--dependency=afterok:42\n");
});

test("when Slurm refuses a job, those before it are cancelled", async () => {
  const refusing = `[ -e '${folder}/script-42' ] && { echo 'sbatch: error: Invalid account' >&2; exit 1; }\n${sbatch}`;
  slurm({ sbatch: refusing, scancel: `echo "$@" > '${folder}/cancelled'` });
  const { code, error } = await submit(jobs, "--logs", join(folder, "logs"));
  expect([code, error]).toEqual([
    3,
    expect.stringContaining("three: sbatch: sbatch: error: Invalid account; the 2 before it are cancelled"),
  ]);
  expect(readFileSync(join(folder, "cancelled"), "utf8")).toBe("41 42\n");
});

test("--dry-run prints the scripts and needs no Slurm; without it a missing sbatch is told", async () => {
  process.env.PATH = folder;
  const dry = await callCommand(main, ["--dry-run"], { input: asLines(jobs), cwd: folder });
  expect([dry.code, dry.output.match(/^#!/gm)]).toEqual([0, ["#!", "#!", "#!"]]);
  expect(dry.output).toContain("--dependency=aftercorr:<one>");
  expect(existsSync(join(folder, "slurm-logs"))).toBe(false);
  const { code, error } = await submit(jobs);
  expect([code, error]).toEqual([4, expect.stringContaining("sbatch: expected Slurm's program on PATH, got none")]);
});

test.each([
  [{ ...jobs[2], job: "x", after: ["nobody"] }, 'stdin:4: after: expected the name of a job above, got "nobody"'],
  [{ ...jobs[0] }, "stdin:4: job: expected a name of its own, got one as in stdin:1"],
  [{ ...jobs[1], job: "x", shards: 4 }, "stdin:4: pairwise: expected as many shards as one has, got 4 after 3"],
  [{ ...jobs[2], job: "x", command: "echo {rank}" }, "stdin:4: command: expected shards beside it"],
  [{ ...jobs[0], job: "x", shards: 0 }, "stdin:4: shards: expected at least 1, got 0"],
  [{ ...jobs[0], job: "x", shards: 1e9 }, "stdin:4: shards: expected at most 4000000, got 1000000000"],
  [{ ...jobs[0], job: "x", command: "echo" }, "all 3 tasks would do the same"],
  [{ ...jobs[2], job: "x", sbatch: ["--time=1\nrm -rf /tmp/x"] }, "sbatch: expected options such as"],
  [{ ...jobs[2], job: "a b" }, "a name of letters, digits"],
])("%j is refused", async (row, words) => {
  const { code, error } = await submit([...jobs, row], "--dry-run");
  expect([code === 2 || code === 3, error]).toEqual([true, expect.stringContaining(words)]);
});
