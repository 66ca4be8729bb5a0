import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { setTimeout as later } from "node:timers/promises";
import { writeValidationSlice } from "@ensam/core/runs";
import { testSlice } from "@ensam/core/runs/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type FollowedRun, followRun, followStream } from "./followRun.ts";
import { runRow, stepRow } from "./testing/rows.ts";

let folder = "";
let log = "";
let run: FollowedRun | undefined;
const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const follow = () => followRun(log, folder, { name: "a", onChange: () => undefined });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-run-"));
  log = join(folder, "log.ndjson");
});
afterEach(() => {
  run?.close();
  vi.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

test("a run is followed from before its log exists to its end", async () => {
  run = follow();
  await run.caughtUp;
  expect(run.view().status).toBe("waiting");
  writeFileSync(log, lines([runRow(), stepRow(1)]));
  await vi.waitFor(() => expect(run!.view()).toMatchObject({ status: "running", state: { step: 1 } }), 5000);
  appendFileSync(log, lines([{ type: "end", step: 1, reason: "done" }]));
  await vi.waitFor(() => expect(run!.finished()).toBe(true), 5000);
  expect(run.canAsk()).toBe(false);
});

test("a log that is written anew, as resuming does, begins anew; the slice stays", async () => {
  writeFileSync(log, lines([runRow(), stepRow(1), stepRow(2)]));
  await writeValidationSlice(folder, testSlice());
  run = follow();
  await vi.waitFor(() => expect(run!.view().state.slice?.case).toBe("CT_1"), 5000);
  rmSync(log);
  writeFileSync(log, lines([runRow(), stepRow(1)]));
  await vi.waitFor(() => expect(run!.view().state.step).toBe(1), 5000);
  await vi.waitFor(() => expect(run!.view().state.slice?.case).toBe("CT_1"), 5000);
});

test("what is asked stands in the file and in the view until the run takes it", async () => {
  writeFileSync(log, lines([runRow(), stepRow(1)]));
  run = follow();
  await run.caughtUp;
  run.ask("checkpoint");
  expect(readFileSync(join(folder, "CONTROL"), "utf8")).toBe("checkpoint\n");
  expect(run.view().said).toContain("checkpoint asked");
  await later(600);
  rmSync(join(folder, "CONTROL"));
  await vi.waitFor(() => expect(run!.view().said).toBeUndefined(), 5000);
  run.ask("stop");
  expect(existsSync(join(folder, "STOP"))).toBe(true);
  writeFileSync(join(folder, "PAUSED"), "");
  await vi.waitFor(() => expect(run!.view().status).toBe("paused"), 5000);
});

test("a clock that was set back gives no times below zero, and an old log is silent", async () => {
  writeFileSync(log, lines([runRow(), stepRow(1)]));
  const inAnHour = Date.now() / 1000 + 3600;
  utimesSync(log, inAnHour, inAnHour);
  run = follow();
  await run.caughtUp;
  expect(run.view()).toMatchObject({ status: "running", lastRow: "just now" });
  run.close();
  utimesSync(log, inAnHour - 7200, inAnHour - 7200);
  run = follow();
  await run.caughtUp;
  expect(run.view()).toMatchObject({ status: "silent", lastRow: "1 h ago" });
  vi.setSystemTime(0);
  expect(run.view().lastRow).toBe("1 h ago");
});

test("rows of a pipe are followed to its end, with a last line that has none", async () => {
  const input = new PassThrough();
  const piped = followStream(input, { name: "stdin", onChange: () => undefined });
  input.write(lines([runRow(), stepRow(1)]));
  input.end(JSON.stringify(stepRow(2)));
  await vi.waitFor(() => expect(piped.finished()).toBe(true));
  expect(piped.view()).toMatchObject({ status: "ended", state: { step: 2 } });
  expect(piped.canAsk()).toBe(false);
});
