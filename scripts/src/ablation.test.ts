import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeProcess } from "./testing/makeProcess.ts";

const isBuilt = existsSync(fileURLToPath(new URL("../dist/ablation.js", import.meta.url)));
if (!isBuilt) console.log("ablation.test: no build: make is not run (make setup builds it)");

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-ablation-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (...path: string[]) => join(folder, ...path);
const has = (file: string, words = "") => existsSync(at(file)) && readFileSync(at(file), "utf8").includes(words);

async function planned(...argv: string[]): Promise<string[]> {
  const make = makeProcess(["-n", "ablation", `ABLATION=${folder}`, ...argv]);
  await make.ended;
  return [...make.said().matchAll(/ensam-train .*\/runs\/(\S+) .*/g)].map(([, run]) => run!);
}

test("eleven arms and three seeds, seed by seed; shards are disjoint and complete; some can be chosen", async () => {
  const all = await planned();
  expect([all.length, all[0], all[11]]).toEqual([33, "base-s1", "base-s2"]);
  const shards = await Promise.all(["1/3", "2/3", "3/3"].map((shard) => planned(`SHARD=${shard}`)));
  expect(shards.flat().sort()).toEqual(all.toSorted());
  expect(shards[1]).toEqual(all.filter((_, i) => i % 3 === 1));
  expect(await planned("ARMS=mm levels5", "SEEDS=2")).toEqual(["mm-s2", "levels5-s2"]);
  for (const argv of [["ARMS=nonsense"], ["SHARD=4"], ["SHARD=0/3"], ["SHARD=34/33"]])
    expect(await planned(...argv)).toEqual([]);
});

test("an arm differs from the base in one flag, and seeds differ in the seed alone", async () => {
  const make = makeProcess(["-n", "ablation", `ABLATION=${folder}`, "SEEDS=1 2"]);
  await make.ended;
  const flags = new Map(
    [...make.said().matchAll(/ensam-train \S+ -o \S+\/runs\/(\S+) (.*)--seed (\d+)/g)].map(([, run, own, seed]) => [
      run!,
      [own!.trim().split(/ +(?=--)/), seed] as const,
    ]),
  );
  const [base] = flags.get("base-s1")!;
  const more = { "absolute-adamw": 2, "adamw-rate05": 2, base: 0 } as Record<string, number>;
  for (const [run, [own, seed]] of flags) {
    const arm = run.slice(0, -3);
    expect([run, own.filter((flag) => !base.includes(flag)).length]).toEqual([run, more[arm] ?? 1]);
    expect(run.endsWith(`-s${seed}`)).toBe(true);
  }
});

test.runIf(isBuilt)(
  "at a minute size it is killed in training, goes on, scores, and does nothing a second time",
  { timeout: 300_000 },
  async () => {
    const argv = [
      `ABLATION=${folder}`,
      "ARMS=base mm",
      "SEEDS=1",
      "ABLATION_PHANTOMS=--cases 2 --test 1 --size 16 --objects 2 --smallest 20 --thick 3 --modality CT --seed 7",
      "ABLATION_TRAIN=--preset tiny --max-voxels 512 --clicks 1 --accumulate 1 --epochs 3 --halve-at 2 --checkpoint-every 1",
      "ABLATION_STEPS=3",
    ];
    const killed = makeProcess(["ablation", ...argv]);
    while (!has("runs/base-s1/log.ndjson", '"kind":"last"') && killed.child.exitCode === null) await later(5);
    process.kill(-killed.child.pid!, "SIGKILL");
    await killed.ended;
    expect(existsSync(at("ablation.md"))).toBe(false);

    const make = makeProcess(["ablation", ...argv]);
    expect(await make.ended, make.said()).toBe(0);
    const log = readFileSync(at("runs/base-s1/log.ndjson"), "utf8");
    expect(log.match(/"type":"step"/g)).toHaveLength(3);
    expect(readFileSync(at("runs/mm-s1/run.json"), "utf8")).toContain('"coordinates": "mm"');
    const scores = readFileSync(at("runs/base-s1/scores.ndjson"), "utf8");
    for (const model of ["base-s1 box", "base-s1 clicks", "exclusive-s1 box", "exclusive-s1 clicks"]) {
      expect(scores).toContain(`"model":"${model}"`);
    }
    expect(readFileSync(at("ablation.md"), "utf8")).toContain(
      "| base | LieRE, Muon, normalized attention, prompts attend | 1 | - |",
    );
    expect(readFileSync(at("ablation.svg"), "utf8")).toContain("LieRE, Muon");
    // The stamp stays: without it a finished training counts as begun.
    expect(existsSync(at("runs/base-s1/.trained"))).toBe(true);
    const again = makeProcess(["ablation", ...argv]);
    expect(await again.ended).toBe(0);
    expect(again.said()).not.toContain("ensam-train");
    expect(again.said()).not.toContain("ensam-simulate");
  },
);
