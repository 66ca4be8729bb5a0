import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeChallengeFolder } from "./testing/challengeFolder.ts";
import { makeProcess } from "./testing/makeProcess.ts";
import { reproductionFlags, resultOf } from "./testing/reproduction.ts";

const script = fileURLToPath(new URL("../slurm/one-node.sh", import.meta.url));
let folder = "";
const at = (...path: string[]) => join(folder, ...path);
let reason = "";

beforeAll(async () => {
  folder = mkdtempSync("/tmp/ensam-slurm-"); // Sockets lie in it: its path has to be short.
  const started = spawnSync(script, ["start", at("slurm")], { encoding: "utf8", timeout: 60_000 });
  const conf = /SLURM_CONF='([^']+)'/.exec(started.stdout ?? "")?.[1];
  if (conf === undefined) reason = started.stderr.trim() || String(started.error);
  else process.env.SLURM_CONF = conf;
  if (reason !== "") console.log(`slurm.long.test: skipped: ${reason}`);
  await makeChallengeFolder(at("data"), { broken: true });
}, 120_000);
afterAll(() => {
  spawnSync(script, ["stop", at("slurm")], { timeout: 60_000 });
  rmSync(folder, { recursive: true, force: true });
}, 120_000);

const slurm = (program: string, ...argv: string[]) => execFileSync(program, argv, { encoding: "utf8" });

/** Waits until nothing is in the queue and returns what Slurm knows of every job. */
async function allEnded(): Promise<Record<string, string>[]> {
  while (slurm("squeue", "--noheader").trim() !== "") await later(500);
  const lines = slurm("scontrol", "show", "job", "--oneliner").trim().split("\n");
  return lines.map((line) =>
    Object.fromEntries([...line.matchAll(/(\w+)=(\S*)/g)].map(([, key, value]) => [key!, value!])),
  );
}

test("the reproduction through Slurm, its training stopped by the time limit, gives the scores of one machine", async (context) => {
  if (reason !== "") context.skip();
  const flags = (name: string, shards: number) => reproductionFlags(at("data"), at(name), { shards, epochs: 40 });
  const here = makeProcess(["reproduce", ...flags("here", 1)]);
  expect(await here.ended, here.said()).toBe(0);
  // Slurm's least limit is a minute, so the warning comes right away.
  const submit = makeProcess(["submit", ...flags("there", 2), "SBATCH_TRAIN=--time=1"]);
  expect(await submit.ended, submit.said()).toBe(0);
  const jobs = await allEnded();
  const logs = readdirSync(at("there/slurm")).map(
    (name) => `${name}: ${readFileSync(at("there/slurm", name), "utf8")}`,
  );
  expect(
    jobs.map(({ JobState }) => JobState).every((state) => state === "COMPLETED"),
    logs.join("\n"),
  ).toBe(true);
  expect(Number(jobs.find(({ JobName }) => JobName === "train")!.Restarts), logs.join("\n")).toBeGreaterThan(0);
  expect(resultOf(at("there"))).toEqual(resultOf(at("here")));
  for (const { JobName, SubmitTime, EligibleTime, StartTime, EndTime } of jobs)
    console.log([JobName, SubmitTime, EligibleTime, StartTime, EndTime].join(" "));
});

test("a job that was cancelled is not queued again, although it saves", async (context) => {
  if (reason !== "") context.skip();
  const command = `node -e 'process.on("SIGTERM", () => setTimeout(() => process.exit(75), 500)); setInterval(() => {}, 1000)'`;
  const input = `${JSON.stringify({ type: "job", job: "cancelled", command })}\n`;
  const main = fileURLToPath(new URL("../../node_modules/.bin/ensam-submit", import.meta.url));
  const said = execFileSync(main, ["--logs", at("logs"), "--sbatch=--time=10"], {
    input,
    encoding: "utf8",
    cwd: folder,
  });
  const { id } = JSON.parse(said) as { id: string };
  while (!slurm("squeue", "--noheader", "--format=%T").includes("RUNNING")) await later(200);
  await later(1500);
  slurm("scancel", id);
  const job = (await allEnded()).find(({ JobId }) => JobId === id)!;
  expect([job.JobState, job.Restarts]).toEqual(["CANCELLED", "0"]);
});
