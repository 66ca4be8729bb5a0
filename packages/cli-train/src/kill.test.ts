import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { asLines, callCommand } from "@ensam/core/command/testing";
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

const loader = new URL("./testing/registerTypeScript.mjs", import.meta.url).href;
const command = fileURLToPath(new URL("./testing/runSource.mjs", import.meta.url));
const flags =
  "--preset tiny --device wasm --threads 1 --workers 0 --clicks 1 --epochs 4 --accumulate 1 --checkpoint-every 1";

const runHere = (output: string) =>
  callCommand(main, ["cases.ndjson", "-o", output, ...flags.split(" ")], { cwd: folder });

/** Trains in a process of its own, which is sent a signal some time after so many step rows stand in its log. */
async function runUntil(output: string, signal: { name: "SIGKILL" | "SIGTERM"; steps: number; milliseconds: number }) {
  const argv = ["--import", loader, command, "cases.ndjson", "-o", output, ...flags.split(" ")];
  const child = spawn(process.execPath, argv, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const log = join(folder, output, "log.ndjson");
  const steps = () => (existsSync(log) ? (readFileSync(log, "utf8").match(/"type":"step"/g)?.length ?? 0) : 0);
  while (steps() < signal.steps && child.exitCode === null) await later(2);
  await later(signal.milliseconds);
  child.kill(signal.name);
  return { code: await ended, said };
}

const checkpoint = (output: string) => readFileSync(join(folder, output, "checkpoints/last.safetensors"));

test("a run killed again and again ends with the bytes of one that was left alone", { timeout: 300_000 }, async () => {
  expect((await runHere("whole")).code).toBe(0);
  // 4 epochs of 2 steps: the second process is killed after it went on from the first one's checkpoint.
  expect((await runUntil("parts", { name: "SIGKILL", steps: 1, milliseconds: 7 })).code).toBe(null);
  expect((await runUntil("parts", { name: "SIGKILL", steps: 4, milliseconds: 0 })).code).toBe(null);
  const last = await runHere("parts");
  expect(last.error).toContain("going on from");
  expect(last.code).toBe(0);
  expect(checkpoint("parts").equals(checkpoint("whole"))).toBe(true);
});

test("SIGTERM ends a run within a step, saved, with 75", { timeout: 120_000 }, async () => {
  const { code, said } = await runUntil("run", { name: "SIGTERM", steps: 2, milliseconds: 0 });
  expect(said).toContain("stopping after this sample, with a checkpoint");
  expect(code).toBe(75);
  const log = readFileSync(join(folder, "run/log.ndjson"), "utf8").trim().split("\n");
  const end = JSON.parse(log.at(-1)!) as { type: string; reason: string; step: number };
  expect(end).toMatchObject({ type: "end", reason: "signal" });
  expect(end.step).toBeLessThanOrEqual(4);
});
