import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { randomStream } from "@ensam/core/voxels";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "./main.ts";
import { writePhantom } from "./testing/phantom.ts";

let folder = "";
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ensam-kill-"));
  const rows = [await writePhantom(folder, "CT_ball_1"), await writePhantom(folder, "CT_ball_2")];
  writeFileSync(join(folder, "cases.ndjson"), asLines(rows));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The built command: it starts in half a second, where the sources take several. */
const command = fileURLToPath(new URL("../bin/ensam-train.js", import.meta.url));
const isBuilt = existsSync(new URL("../dist/main.js", import.meta.url));
if (!isBuilt) console.log("kill.test: no build of cli-train: nothing is killed (make setup builds it)");
const flags = "--preset tiny --device wasm --threads 1 --workers 0 --clicks 1 --accumulate 1 --checkpoint-every 1";

const argvOf = (output: string, epochs: number) => [
  ...["cases.ndjson", "-o", output, "--epochs", `${epochs}`],
  ...flags.split(" "),
];
const runHere = (output: string, epochs: number) => callCommand(main, argvOf(output, epochs), { cwd: folder });

function startElsewhere(output: string, epochs: number) {
  const argv = [command, ...argvOf(output, epochs)];
  return spawn(process.execPath, argv, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
}

function stepsIn(output: string): number {
  const log = join(folder, output, "log.ndjson");
  return existsSync(log) ? (readFileSync(log, "utf8").match(/"type":"step"/g)?.length ?? 0) : 0;
}

/** Trains in a process of its own, which is sent a signal when so many step rows stand in its log. */
async function runUntil(output: string, epochs: number, signal: NodeJS.Signals, wanted: number) {
  const child = startElsewhere(output, epochs);
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  while (stepsIn(output) < wanted && child.exitCode === null) await later(2);
  child.kill(signal);
  return { code: await ended, said };
}

const checkpoint = (output: string) => readFileSync(join(folder, output, "checkpoints/last.safetensors"));

test.runIf(isBuilt)(
  "a run killed at 20 random moments ends with the bytes of one that was left alone",
  {
    timeout: 600_000,
  },
  async () => {
    const epochs = 80;
    expect((await runHere("whole", epochs)).code).toBe(0);
    const random = randomStream(2025, "moments");
    let kills = 0;
    for (; kills < 20; kills++) {
      const child = startElsewhere("parts", epochs);
      const ended = once(child, "exit");
      const before = stepsIn("parts");
      // Every fourth dies while it starts; the others somewhere in their first steps and savings.
      const isEarly = kills % 4 === 3;
      while (!isEarly && stepsIn("parts") <= before && child.exitCode === null) await later(2);
      await later(random.uniform(0, 250));
      if (child.exitCode !== null) break;
      child.kill("SIGKILL");
      await ended;
    }
    const last = await runHere("parts", epochs);
    expect(last.error).toContain("going on from");
    expect(last.code).toBe(0);
    expect(kills).toBe(20);
    expect(checkpoint("parts").equals(checkpoint("whole"))).toBe(true);
  },
);

test.runIf(isBuilt).each(["SIGTERM", "SIGHUP", "SIGUSR1"] as const)(
  "%s ends a run within a step, saved, with 75",
  async (signal) => {
    const { code, said } = await runUntil("run", 20, signal, 2);
    expect(said).toContain("stopping after this sample, with a checkpoint");
    expect(code).toBe(75);
    const log = readFileSync(join(folder, "run/log.ndjson"), "utf8").trim().split("\n");
    const end = JSON.parse(log.at(-1)!) as { type: string; reason: string; step: number };
    expect(end).toMatchObject({ type: "end", reason: "signal" });
    expect(end.step).toBeLessThanOrEqual(4);
  },
);

test.runIf(isBuilt)(
  "a batch system's warnings beside or before its SIGTERM are no second wish: the run ends saved",
  async () => {
    const child = startElsewhere("run", 20);
    const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
    while (stepsIn("run") < 2 && child.exitCode === null) await later(2);
    for (const signal of ["SIGUSR1", "SIGHUP", "SIGTERM", "SIGUSR1", "SIGHUP"] as const) child.kill(signal);
    expect(await ended).toBe(75);
    expect(readFileSync(join(folder, "run/log.ndjson"), "utf8")).toContain('"reason":"signal"');
  },
);

test.runIf(isBuilt)(
  "a save for which the disk has no room leaves the last good checkpoint, and the run goes on from it",
  async () => {
    expect((await runHere("whole", 3)).code).toBe(0);
    expect((await runHere("parts", 1)).code).toBe(0);
    const good = checkpoint("parts");
    // No file may grow beyond half a checkpoint: writing one fails as on a full disk, with an error instead of a
    // signal.
    const limited = `trap '' XFSZ; ulimit -f ${Math.floor(good.length / 2048)}; exec "$@"`;
    const child = spawn("bash", ["-c", limited, "bash", process.execPath, command, ...argvOf("parts", 3)], {
      cwd: folder,
    });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, "exit");
    expect(code).toBe(3);
    expect(said).toMatch(/last\.safetensors/);
    expect(checkpoint("parts").equals(good)).toBe(true);
    expect((await runHere("parts", 3)).code).toBe(0);
    expect(checkpoint("parts").equals(checkpoint("whole"))).toBe(true);
  },
);
