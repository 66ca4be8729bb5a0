import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { batchScript } from "./batchScript.ts";
import type { Job } from "./job.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-script-"));
  program("scontrol", `echo "$@" >> '${at("requeued")}'`);
  limit("+1 hour");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);
const job = (command: string, more: Partial<Job> = {}): Job => ({ type: "job", job: "a", command, place: "", ...more });
const script = (given: Job, rules = {}) =>
  batchScript(given, { cwd: folder, logs: "/logs", warning: 60, sbatch: [], idOf: (name) => `<${name}>`, ...rules });

/** A stand-in for a program of Slurm. */
function program(name: string, text: string): void {
  writeFileSync(at(name), `#!/bin/bash\n${text}\n`);
  chmodSync(at(name), 0o755);
}

/** When the job's time is over. */
function limit(when: string): void {
  program("squeue", `date --date '${when}' +%Y-%m-%dT%H:%M:%S`);
}

function start(text: string, rank?: number): ChildProcess {
  writeFileSync(at("job.sh"), text);
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}`, SLURM_JOB_ID: "7" };
  return spawn("bash", [at("job.sh")], {
    env: rank === undefined ? env : { ...env, SLURM_ARRAY_TASK_ID: String(rank) },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function codeOf(child: ChildProcess): Promise<number> {
  return ((await once(child, "close")) as [number])[0];
}

/** A command that saves in half a second when it is told to, and how it was told. */
const saving = `node -e 'const save = (s) => { require("fs").appendFileSync("told", s + " "); setTimeout(() => process.exit(75), 500); };
  for (const s of ["SIGTERM", "SIGHUP", "SIGUSR1"]) process.once(s, save); require("fs").writeFileSync("ready", String(process.pid)); setInterval(() => {}, 1000)'`;

async function signalled(signal: NodeJS.Signals): Promise<number> {
  const child = start(script(job(saving)));
  const ended = codeOf(child);
  while (!existsSync(at("ready")) || readFileSync(at("ready"), "utf8") === "") await later(10);
  child.kill(signal); // A warning goes to the shell alone, the limit's and scancel's TERM to all.
  if (signal === "SIGTERM") process.kill(Number(readFileSync(at("ready"), "utf8")), signal);
  return ended;
}

test("a task of an array has its rank among all and the exit code of its command", async () => {
  const text = script(job("echo {rank} {count} {shard} > part; exit 9", { shards: 8 }));
  expect(await codeOf(start(text, 3))).toBe(9);
  expect(readFileSync(at("part"), "utf8")).toBe("3 8 3/8\n");
  expect(existsSync(at("requeued"))).toBe(false);
  // An array from 0 to 7 would never make shard 8.
  expect(await codeOf(start(text, 0))).toBe(2);
});

test("dependencies, options and quotes are Slurm's and the shell's", () => {
  const given = job("echo 'it''s'", { shards: 2, after: ["x", "y"], pairwise: true, sbatch: ["--time=2"] });
  const text = script(given, { sbatch: ["--partition=cpu"], atOnce: 5 });
  const options = text.split("\n").filter((line) => line.startsWith("#SBATCH "));
  expect(options.map((line) => line.slice(8))).toEqual([
    "--job-name=a",
    "--output=/logs/a-%A_%a.log",
    "--open-mode=append",
    "--requeue",
    "--signal=B:USR1@60",
    "--array=1-2%5",
    "--dependency=aftercorr:<x>,aftercorr:<y>",
    "--kill-on-invalid-dep=yes",
    "--partition=cpu",
    "--time=2",
  ]);
  expect(script(job("true", { after: ["x"] }))).toContain("--output=/logs/a-%j.log\n");
  expect(text).toContain("command='echo '\\''it'\\'''\\''s'\\'''\n");
});

test("the warning before the limit reaches the command; when it has saved, the job is queued again", async () => {
  expect(await signalled("SIGUSR1")).toBe(75);
  expect(readFileSync(at("told"), "utf8")).toBe("SIGHUP ");
  expect(readFileSync(at("requeued"), "utf8")).toBe("requeue 7\n");
});

test("a command that stops by itself with 75 is queued again, too", async () => {
  expect(await codeOf(start(script(job("exit 75"))))).toBe(75);
  expect(readFileSync(at("requeued"), "utf8")).toBe("requeue 7\n");
});

test.each([
  ["before the limit, as scancel sends it, ends the job for good", "+1 hour", false],
  ["at the limit queues the job again", "-1 second", true],
])("TERM %s, and the command has saved", async (_, when, isAgain) => {
  limit(when);
  expect(await signalled("SIGTERM")).toBe(75);
  expect(readFileSync(at("told"), "utf8")).toBe("SIGTERM ");
  expect(existsSync(at("requeued"))).toBe(isAgain);
});
