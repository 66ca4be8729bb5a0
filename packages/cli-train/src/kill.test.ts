import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  builtCommand,
  isBuilt,
  killAgainAndAgain,
  makeTrainingFolder,
  type TrainingFolder,
} from "./testing/trainingElsewhere.ts";

if (!isBuilt) console.log("kill.test: no build of cli-train: nothing is killed (make setup builds it)");

let training: TrainingFolder;
beforeEach(async () => {
  training = await makeTrainingFolder();
});
afterEach(() => rmSync(training.folder, { recursive: true, force: true }));

/** Trains in a process of its own, which is sent a signal when so many step rows stand in its log. */
async function runUntil(output: string, epochs: number, signal: NodeJS.Signals, wanted: number) {
  const child = training.startElsewhere(output, epochs);
  let said = "";
  child.stderr!.on("data", (chunk) => {
    said += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  while (training.stepsIn(output) < wanted && child.exitCode === null) await later(2);
  child.kill(signal);
  return { code: await ended, said };
}

test.runIf(isBuilt)(
  "a run killed at 20 random moments ends with the bytes of one that was left alone",
  {
    timeout: 600_000,
  },
  async () => {
    const epochs = 80;
    expect((await training.runHere("whole", epochs)).code).toBe(0);
    const { kills, last } = await killAgainAndAgain(training, "parts", { epochs, wanted: 20, seed: 2025 });
    expect(last.error).toContain("going on from");
    expect([last.code, kills]).toEqual([0, 20]);
    expect(training.checkpoint("parts").equals(training.checkpoint("whole"))).toBe(true);
  },
);

test.runIf(isBuilt).each(["SIGTERM", "SIGHUP", "SIGUSR1"] as const)(
  "%s ends a run within a step, saved, with 75",
  async (signal) => {
    const { code, said } = await runUntil("run", 20, signal, 2);
    expect(said).toContain("stopping after this sample, with a checkpoint");
    expect(code).toBe(75);
    const log = readFileSync(join(training.folder, "run/log.ndjson"), "utf8").trim().split("\n");
    const end = JSON.parse(log.at(-1)!) as { type: string; reason: string; step: number };
    expect(end).toMatchObject({ type: "end", reason: "signal" });
    expect(end.step).toBeLessThanOrEqual(4);
  },
);

test.runIf(isBuilt)(
  "a batch system's warnings beside or before its SIGTERM are no second wish: the run ends saved",
  async () => {
    const child = training.startElsewhere("run", 20);
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    while (training.stepsIn("run") < 2 && child.exitCode === null) await later(2);
    for (const signal of ["SIGUSR1", "SIGHUP", "SIGTERM", "SIGUSR1", "SIGHUP"] as const) child.kill(signal);
    expect(await ended).toBe(75);
    expect(readFileSync(join(training.folder, "run/log.ndjson"), "utf8")).toContain('"reason":"signal"');
  },
);

test.runIf(isBuilt)(
  "a save for which the disk has no room leaves the last good checkpoint, and the run goes on from it",
  async () => {
    expect((await training.runHere("whole", 3)).code).toBe(0);
    expect((await training.runHere("parts", 1)).code).toBe(0);
    const good = training.checkpoint("parts");
    // No file may grow beyond half a checkpoint: writing one fails as on a full disk, with an error instead of a
    // signal.
    const limited = `trap '' XFSZ; ulimit -f ${Math.floor(good.length / 2048)}; exec "$@"`;
    const child = spawn(
      "bash",
      ["-c", limited, "bash", process.execPath, builtCommand, ...training.argvOf("parts", 3)],
      {
        cwd: training.folder,
      },
    );
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, "exit");
    expect(code).toBe(3);
    expect(said).toMatch(/last\.safetensors/);
    expect(training.checkpoint("parts").equals(good)).toBe(true);
    expect((await training.runHere("parts", 3)).code).toBe(0);
    expect(training.checkpoint("parts").equals(training.checkpoint("whole"))).toBe(true);
  },
);
