import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { takeLock } from "@ensam/core/command";
import { asLines, type CallOptions, callCommand } from "@ensam/core/command/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "./main.ts";
import { runRow, stepRow, validationRow } from "./testing/rows.ts";

let folder = "";
const rows = [
  runRow(),
  ...Array.from({ length: 12 }, (_, i) => stepRow(i + 1)),
  { type: "failure", case: "CT_2", stage: "sample", error: "bad\x1b[31m" },
  validationRow(12, [0.5, 0.625]),
  { type: "checkpoint", step: 12, path: "a/checkpoints/last.safetensors", kind: "last" },
];
const end = { type: "end", step: 12, reason: "done", seconds: 54 };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-monitor-"));
  for (const name of ["a", "b"]) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, "log.ndjson"), asLines([...rows, end]));
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const monitor = (argv: readonly string[], options: CallOptions = {}) =>
  callCommand(main, argv, { cwd: folder, ...options });

test("a finished run is told in plain lines without escape codes, and the command ends", async () => {
  const { code, output, error } = await monitor(["a"], { env: { FORCE_COLOR: "1" } });
  expect([code, error]).toEqual([0, ""]);
  expect(output.split("\n")).toEqual([
    "begins, tiny, 166,541 parameters, wasm, 2 threads, 100 steps, 10 epochs",
    "step 1/100  epoch 0.10  loss 2  DSC 0.6  learning rate 0.002  samples/s 2",
    "step 6/100  epoch 0.60  loss 1.17  DSC 0.6  learning rate 0.002  samples/s 2", // 5 steps of 2 s later
    "step 11/100  epoch 1.10  loss 1.09  DSC 0.6  learning rate 0.002  samples/s 2",
    "failed: CT_2 (sample): bad [31m",
    "validation at step 12: DSC 0.500 0.625; CT 0.500 0.625; MR 0.250 0.313",
    "checkpoint last at step 12: a/checkpoints/last.safetensors",
    "ended at step 12: done, 54 s",
    "",
  ]);
});

test("rows of a pipe give the same lines, also when something else stands among them", async () => {
  const whole = (await monitor(["a"])).output;
  const input = `nonsense\n${asLines(rows)}{"type":"note"}\n${JSON.stringify(end)}`;
  for (const argv of [[], ["-"]]) expect((await monitor(argv, { input })).output).toBe(whole);
});

test("nothing but an end of input, or lines that are no rows, is the input error that it is elsewhere", async () => {
  for (const input of ["", "nonsense\n"]) {
    const { code, output, error } = await monitor([], { input });
    expect([code, output]).toEqual([3, ""]);
    expect(error).toContain("stdin: expected at least one row of a run, got none");
  }
  writeFileSync(join(folder, "a/log.ndjson"), "");
  const empty = await monitor(["a", "--once"]);
  expect([empty.code, empty.output]).toEqual([3, ""]);
  expect(empty.error).toContain("a: expected at least one row of a run, got none");
  expect((await monitor(["a", "b", "--once"])).code).toBe(0);
});

test("a run under way is followed to its end; --once does not wait", async () => {
  writeFileSync(join(folder, "a/log.ndjson"), asLines(rows));
  expect((await monitor(["a", "--once"])).output).toContain("checkpoint last");
  const following = monitor(["a", "b"]);
  await later(300);
  writeFileSync(join(folder, "a/log.ndjson"), asLines([...rows, end]));
  const { code, output } = await following;
  expect(code).toBe(0);
  expect(output.match(/^a: ended/gm)).toHaveLength(1);
  expect(output.match(/^b: ended/gm)).toHaveLength(1);
});

test("a run whose process was killed is dead: said at once, and not waited for", async () => {
  writeFileSync(join(folder, "a/log.ndjson"), asLines(rows));
  // The lock of this process, as one that has ended would have left it.
  const lock = await takeLock(join(folder, "a/LOCK"), { beat: "timer" });
  const text = readFileSync(join(folder, "a/LOCK"), "utf8");
  expect((await monitor(["a", "--once"])).output).not.toContain("dead");
  lock.release();
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  writeFileSync(join(folder, "a/LOCK"), JSON.stringify({ ...JSON.parse(text), pid: gone }));
  const { code, output } = await monitor(["a"]);
  expect(code).toBe(0);
  expect(output).toMatch(/\ndead: its process is gone, and wrote no end; the same ensam-train command goes on/);
});

test("--wait waits for a run that has not begun, also for its folder", async () => {
  const following = monitor(["later", "--wait"]);
  await later(200);
  mkdirSync(join(folder, "later"));
  writeFileSync(join(folder, "later", "log.ndjson"), asLines([...rows, end]));
  const { code, output } = await following;
  expect([code, output.match(/^ended at step 12/gm)?.length]).toEqual([0, 1]);
});

test("a signal ends the monitor, not the run", async () => {
  writeFileSync(join(folder, "a/log.ndjson"), asLines(rows));
  const signalled: CallOptions = {
    streams: {
      onSignal: (handler) => {
        const timer = setTimeout(handler, 200);
        return () => clearTimeout(timer);
      },
    },
  };
  expect((await monitor(["a"], signalled)).code).toBe(0);
  expect(existsSync(join(folder, "a/STOP"))).toBe(false);
});

test("files for other tools are written from the log", async () => {
  const argv = ["a", "b", "--once", "--quiet", "--csv", "steps.csv", "--tensorboard", "tb"];
  expect((await monitor(argv)).output).toBe("");
  expect(readFileSync(join(folder, "steps.csv"), "utf8").trim().split("\n")).toHaveLength(1 + 2 * 13);
  for (const name of ["a", "b"]) {
    expect(existsSync(join(folder, "tb", name, "events.out.tfevents.0000000000.ensam"))).toBe(true);
  }
  expect((await monitor(["a", "--export", "curves.svg"])).code).toBe(0);
  expect(readFileSync(join(folder, "curves.svg"), "utf8")).toContain("<svg");
});

test("what cannot be followed is refused with what was expected", async () => {
  expect(await monitor(["nowhere"])).toMatchObject({
    code: 3,
    error: expect.stringContaining("nowhere: expected a run"),
  });
  mkdirSync(join(folder, "empty"));
  expect(await monitor(["empty"])).toMatchObject({
    code: 3,
    error: "ensam-monitor: empty: expected a run with log.ndjson, got a folder without one (--wait waits for it)\n",
  });
  expect(await monitor(["a", "b", "--export", "c.svg"])).toMatchObject({ code: 2 });
  const png = await monitor(["a", "--export", "curves.png"]);
  expect([png.code, png.error]).toEqual([2, expect.stringContaining("curves.png: expected a name that ends in .svg")]);
  expect(existsSync(join(folder, "curves.png"))).toBe(false);
  const onTerminal = { streams: { inputIsTty: true } };
  expect((await monitor([], onTerminal)).error).toContain(
    "expected run folders or rows on standard input, got a terminal",
  );
  expect((await monitor(["-", "-"])).code).toBe(2);
});
