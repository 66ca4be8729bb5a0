import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { demoFlags, makeProcess } from "./testing/makeProcess.ts";

const isBuilt = existsSync(fileURLToPath(new URL("../dist/phantoms.js", import.meta.url)));
if (!isBuilt) console.log("make.test: no build: make is not run (make setup builds it)");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-make-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...path: string[]) => join(folder, ...path);
const flags = () => demoFlags(folder);
const has = (file: string, words = "") => existsSync(at(file)) && readFileSync(at(file), "utf8").includes(words);

/** Where a stage is known to be at work. */
const stages: [string, () => boolean][] = [
  ["making phantoms", () => existsSync(at("sources"))],
  ["preprocess of the test cases", () => has("validation.ndjson.part")],
  ["preprocess", () => has("train.ndjson.part")],
  ["coreset", () => has("coreset.ndjson.part")],
  ["train", () => has("run/log.ndjson", '"step":2,')],
  ["simulate", () => has("predictions.ndjson.part", '"prediction"')],
  ["simulate by clicks alone", () => has("predictions-clicks.ndjson.part", '"prediction"')],
  ["eval", () => has("scores.ndjson.part")],
];

test.runIf(isBuilt)(
  "make is interrupted by Ctrl-C in each stage, loses nothing, and goes on to the end",
  { timeout: 900_000 },
  async () => {
    for (const [stage, isAtWork] of stages) {
      const make = makeProcess(["demo", ...flags()]);
      while (!isAtWork() && make.child.exitCode === null) await later(5);
      const saved = existsSync(at("run/checkpoints")) ? readdirSync(at("run/checkpoints")) : [];
      expect(make.child.exitCode, `${stage}: ended before: ${make.said()}`).toBeNull();
      process.kill(-make.child.pid!, "SIGINT"); // As a terminal sends it: to make and all that it started.
      expect(await make.ended, `${stage}: ${make.said()}`).not.toBe(0);
      expect(existsSync(at("scores.ndjson"))).toBe(false);
      for (const name of saved) expect(existsSync(at("run/checkpoints", name)), `${stage}: ${name}`).toBe(true);
      if (stage === "train") {
        expect(has("run/log.ndjson", '"reason":"signal"')).toBe(true);
        expect(existsSync(at("run/checkpoints/last.safetensors"))).toBe(true);
      }
    }
    const last = makeProcess(["demo", ...flags()]);
    expect(await last.ended, last.said()).toBe(0);
    const log = readFileSync(at("run/log.ndjson"), "utf8");
    expect(log).toContain('"resumed":true');
    expect(readFileSync(at("training.ndjson"), "utf8")).toBe(log);
    expect(readFileSync(at("scores.ndjson"), "utf8")).toContain('"type":"summary"');
    const again = makeProcess(["demo", ...flags()]);
    expect([await again.ended, again.said()]).toEqual([0, expect.not.stringMatching(/^node_modules/m)]);
  },
);

test.runIf(isBuilt)("when every case of a stage failed make stops, leaves no target, and tries again", async () => {
  const missing = { type: "source", case: "CT_gone", modality: "CT", dataset: "D", image: "gone.nii" };
  writeFileSync(at("cases.ndjson"), `${JSON.stringify(missing)}\n`);
  const argv = [at("out/validation.ndjson"), `SAMPLES=${folder}`, `OUT=${at("out")}`];
  for (const call of [1, 2]) {
    const make = makeProcess(argv);
    expect([call, await make.ended]).toEqual([call, 2]);
    expect(make.said()).toContain("CT_gone: ");
    expect(existsSync(at("out/validation.ndjson"))).toBe(false);
  }
});

test("clean removes what a build can make again, and distclean asks before it removes runs", async () => {
  const planned = async (target: string) => {
    const make = makeProcess(["-n", target]);
    await make.ended;
    return make.said();
  };
  expect(await planned("clean")).not.toMatch(/\brm\b.*\b(demo|reproduction)\b/);
  const asked = makeProcess(["distclean", "REPRODUCTION=nowhere-at-all"], "n\n");
  expect([await asked.ended, asked.said()]).toEqual([2, expect.stringContaining("kept")]);
  const unanswered = makeProcess(["distclean", "REPRODUCTION=nowhere-at-all"], "");
  expect([await unanswered.ended, unanswered.said()]).toEqual([2, expect.not.stringContaining("rm -rf")]);
});
