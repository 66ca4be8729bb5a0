import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { asLines, type CallOptions, callCommand } from "@ensam/core/command/testing";
import { readSafetensors, writeSafetensors } from "@ensam/core/files";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "./main.ts";
import { writePhantom } from "./testing/phantom.ts";

const names = ["CT_ball_1", "CT_ball_2", "CT_ball_3", "CT_ball_4"];
let folder = "";
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ensam-lost-"));
  mkdirSync(join(folder, "data"));
  const rows = await Promise.all(names.map((name) => writePhantom(join(folder, "data"), name)));
  const moved = rows.map((row) => ({ ...row, npz: join("data", (row as { npz: string }).npz) }));
  writeFileSync(join(folder, "cases.ndjson"), asLines(moved));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const quick =
  "--preset tiny --device wasm --threads 1 --workers 0 --clicks 1 --max-voxels 2048 --accumulate 1 --checkpoint-every 1";
const train = (output: string, flags: readonly string[], options: CallOptions = {}) =>
  callCommand(main, ["cases.ndjson", "-o", output, ...quick.split(" "), ...flags], { cwd: folder, ...options });
const at = (...path: string[]) => join(folder, ...path);
const checkpoint = (run: string, name = "last") => at(run, "checkpoints", `${name}.safetensors`);
const bytes = (run: string, name = "last") => readFileSync(checkpoint(run, name)).toString("base64");

test("a broken last checkpoint never takes the place of the good one before it", async () => {
  await train("run", ["--max-steps", "2"]);
  const good = bytes("run", "previous"); // step 1
  truncateSync(checkpoint("run"), 1000);
  // The run goes on from step 1; that its first save is not finished is the moment of a kill.
  const before = readdirSync(at("run", "checkpoints"));
  rmSync(checkpoint("run"));
  mkdirSync(checkpoint("run")); // No file can be renamed to the place of a folder.
  expect((await train("run", ["--max-steps", "3"])).code).toBe(3);
  expect(bytes("run", "previous")).toBe(good);
  expect(readdirSync(at("run", "checkpoints"))).toEqual(before); // No temporary file stays either.
  rmSync(checkpoint("run"), { recursive: true });

  writeFileSync(checkpoint("run"), "broken");
  const resumed = await train("run", ["--max-steps", "2"]);
  expect(resumed.error).toContain("trying the one before");
  expect(bytes("run", "previous")).toBe(good); // The broken file did not become `previous`; step 2 became `last`.
  await train("whole", ["--max-steps", "2"]);
  expect(bytes("run")).toBe(bytes("whole"));
});

const damages: [string, (metadata: Record<string, string>, numbers: Float32Array) => void, string][] = [
  ["progress of another form", (metadata) => Object.assign(metadata, { progress: "{}" }), "metadata.progress.step"],
  [
    "a place that is none",
    (metadata) => Object.assign(metadata, { progress: '{"step":2}' }),
    "metadata.progress.place",
  ],
  ["a list for settings", (metadata) => Object.assign(metadata, { settings: "[]" }), "metadata.settings: expected"],
  ["null for a run", (metadata) => Object.assign(metadata, { run: "null" }), "metadata.run: expected a JSON object"],
  ["another network's config", (metadata) => Object.assign(metadata, { config: '{"layers":3}' }), "metadata.config"],
  ["weights that are no numbers", (_, numbers) => numbers.fill(Number.NaN, 5, 6), "expected finite numbers, got NaN"],
  ["infinite weights", (_, numbers) => numbers.fill(Infinity), "expected finite numbers, got Infinity"],
];

test.each(damages)("a checkpoint with %s falls back to the one before", async (_, damage, words) => {
  await train("run", ["--max-steps", "2"]);
  const { tensors, metadata } = readSafetensors(checkpoint("run"));
  damage(metadata, tensors["encoder.stem.weight"]!.data as Float32Array);
  await writeSafetensors(checkpoint("run"), tensors, metadata);
  const resumed = await train("run", ["--max-steps", "2"]);
  expect(resumed.error).toContain("WARNING: this checkpoint is broken");
  expect(resumed.error).toContain(words);
  expect(resumed.error).toContain("previous.safetensors: step 1");
  expect(resumed.code).toBe(0);
});

test("weights that went astray are not saved over good ones, and not taken by --init", async () => {
  await train("run", ["--max-steps", "1"]);
  const good = bytes("run");
  const astray = await train("run", ["--max-steps", "3", "--lr", "1e38", "--weight-decay", "1e30", "--allow-changes"]);
  expect(astray.code).not.toBe(0);
  expect([bytes("run"), existsSync(checkpoint("run", "previous")) && bytes("run", "previous")]).toContain(good);
  expect(readSafetensors(checkpoint("run")).tensors["encoder.stem.weight"]!.data.every(Number.isFinite)).toBe(true);

  const { tensors, metadata } = readSafetensors(checkpoint("run"));
  tensors["encoder.stem.weight"]!.data.fill(Number.NaN);
  await writeSafetensors(at("bad.safetensors"), tensors, metadata);
  const init = await train("other", ["--max-steps", "1", "--init", "bad.safetensors"]);
  expect([init.code, init.error]).toEqual([3, expect.stringContaining("bad.safetensors: expected weights, got")]);
});

/** Calls `then` once when a step has been written to the log. */
function atStep(step: number, then: () => void): CallOptions {
  let done = false;
  const output = new Writable({
    write(chunk: Buffer, _, next) {
      const row = JSON.parse(String(chunk)) as { type: string; step: number };
      if (!done && row.type === "checkpoint" && row.step === step) {
        done = true;
        then();
      }
      next();
    },
  });
  return { streams: { output } };
}

test("data that vanish stop the run at its last good place with 3; it goes on to the bytes of one that kept them", async () => {
  await train("whole", ["--epochs", "2"]);
  const away = () => renameSync(at("data"), at("away"));
  const stopped = await train("parts", ["--epochs", "2"], atStep(3, away));
  expect(stopped.code).toBe(3);
  expect(stopped.error).toContain("expected the data to stay, got a file that is gone");
  const log = readFileSync(at("parts/log.ndjson"), "utf8");
  expect(log).not.toContain('"type":"end"');
  expect(log).not.toContain('"type":"failure"');

  const still = await train("parts", ["--epochs", "2"]); // Still away: nothing is done, and nothing is called done.
  expect(still.code).toBe(3);
  renameSync(at("away"), at("data"));
  const last = await train("parts", ["--epochs", "2"]);
  expect([last.code, last.error.includes("step 3")]).toEqual([0, true]);
  expect(bytes("parts")).toBe(bytes("whole"));
});

test("data that are away for a moment only cost that moment", async () => {
  await train("whole", ["--epochs", "1"]);
  const blink = () => {
    renameSync(at("data"), at("away"));
    setTimeout(() => renameSync(at("away"), at("data")), 500);
  };
  expect((await train("parts", ["--epochs", "1"], atStep(2, blink))).code).toBe(0);
  expect(bytes("parts")).toBe(bytes("whole"));
});

test("files that cannot be read any more stop the run as well, at the last good place", async () => {
  await train("whole", ["--epochs", "2"]);
  const broken = () => {
    renameSync(at("data"), at("good"));
    mkdirSync(at("data"));
    for (const name of names) writeFileSync(at("data", `${name}.npz`), "not what it was");
  };
  const stopped = await train("parts", ["--epochs", "2"], atStep(2, broken));
  expect(stopped.code).toBe(3);
  expect(stopped.error).toContain("expected samples, got 4 that failed in a row");
  rmSync(at("data"), { recursive: true });
  renameSync(at("good"), at("data"));
  expect((await train("parts", ["--epochs", "2"])).code).toBe(0);
  expect(bytes("parts")).toBe(bytes("whole"));
});

test("a folder that is trained in refuses a second run, through a link too, and is free afterwards", async () => {
  symlinkSync("run", at("link"));
  mkdirSync(at("run"));
  let second: ReturnType<typeof train> | undefined;
  const first = await train(
    "run",
    ["--epochs", "1"],
    atStep(1, () => {
      second = train("link", ["--epochs", "1"]);
    }),
  );
  const refused = await second!;
  expect([first.code, refused.code]).toEqual([0, 3]);
  expect(refused.error).toContain(`in use by process ${process.pid}`);
  expect((await train("link", ["--epochs", "1"])).rows).toMatchObject([{ type: "end", reason: "already done" }]);
  expect(existsSync(at("run/LOCK"))).toBe(false);
});

test("what a killed save has left is removed at the next start", async () => {
  mkdirSync(at("run/checkpoints"), { recursive: true });
  const left = ["checkpoints/.last.safetensors.99.0123abcd.tmp", "checkpoints/.previous.safetensors.99.0123abcd.tmp"];
  for (const name of [...left, ".log.ndjson.99.0123abcd.tmp"]) writeFileSync(at("run", name), "");
  await train("run", ["--max-steps", "1"]);
  expect(readdirSync(at("run/checkpoints"))).toEqual(["last.safetensors"]);
  expect(readdirSync(at("run")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});

test("training goes on to its end when the reader of its rows has left", async () => {
  const output = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
    },
  });
  expect((await train("run", ["--epochs", "1"], { streams: { output } })).code).toBe(0);
  expect(readFileSync(at("run/log.ndjson"), "utf8")).toContain('"reason":"done"');
});

test("no file of the run may be an input of it: rows, weights to begin with, cases to validate", async () => {
  await train("run", ["--max-steps", "1"]);
  const kept = bytes("run");
  copyFileSync(at("cases.ndjson"), at("run/curves.svg"));
  symlinkSync(checkpoint("run"), at("weights.safetensors"));
  for (const flags of [
    ["--init", "weights.safetensors", "--resume", "never"],
    ["--init", checkpoint("run", "last"), "--allow-changes"],
    ["--validate", "run/curves.svg"],
  ]) {
    const refused = await train("run", flags);
    expect([refused.code, refused.error]).toEqual([2, expect.stringContaining("an output that is not read as well")]);
  }
  expect(bytes("run")).toBe(kept);
  expect(readFileSync(at("run/curves.svg"))).toEqual(readFileSync(at("cases.ndjson")));
  // Its own run.json says how it is meant to go on.
  expect((await train("run", ["--config", "run/run.json", "--max-steps", "2"])).code).toBe(0);
});
