import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { randomStream } from "@ensam/core/voxels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeChallengeFolder } from "./testing/challengeFolder.ts";
import { makeProcess } from "./testing/makeProcess.ts";
import { reproductionFlags, resultOf } from "./testing/reproduction.ts";

const seed = Number(process.env.TEST_SEED || Date.now() % 100_000);
console.log(`reproduction.long.test: SEED=${seed}`);

let folder = "";
let whole: ReturnType<typeof resultOf>;
const at = (...path: string[]) => join(folder, ...path);
const flags = (name: string, shards: number) => reproductionFlags(at("data"), at(name), { shards, epochs: 2 });

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "ensam-reproduction-"));
  await makeChallengeFolder(at("data"), { broken: true, seed });
  await reproduce("whole", 1);
  whole = resultOf(at("whole"));
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function reproduce(name: string, shards: number, ...more: string[]): Promise<void> {
  const make = makeProcess([...more, "reproduce", ...flags(name, shards)]);
  expect(await make.ended, make.said()).toBe(0);
}

test.each([
  ["three shards, one after another", 3, []],
  ["four shards at once", 4, ["-j4"]],
  ["more shards than cases", 9, ["-j2"]],
] as const)("%s give what one machine gives", async (name, shards, more) => {
  await reproduce(name.replaceAll(/\W/g, "-"), shards, ...more);
  expect(resultOf(at(name.replaceAll(/\W/g, "-")))).toEqual(whole);
});

const has = (file: string, words = "") =>
  existsSync(at("parts", file)) && readFileSync(at("parts", file), "utf8").includes(words);
/** Where a stage is known to be at work. */
const stages: [string, () => boolean][] = [
  ["index of the validation set", () => has("parts/validation-1-of-2.ndjson.part")],
  ["index of the training set", () => has("parts/train-1-of-2.ndjson.part")],
  ["index, second shard", () => has("parts/train-2-of-2.ndjson.part")],
  ["coreset", () => has("coreset.ndjson.part")],
  ["train", () => has("run/log.ndjson", '"step":2,')],
  ["train, later", () => has("run/log.ndjson", '"step":6,')],
  ["simulate", () => has("parts/predictions-1-of-2.ndjson.part", '"prediction"')],
  ["eval", () => has("parts/scores-1-of-2.ndjson.part")],
  ["eval, second shard", () => has("parts/scores-2-of-2.ndjson.part")],
  ["report", () => has("scores.ndjson.part")],
];

test("killed or interrupted at a random moment of each stage it goes on, to the same result", async () => {
  const random = randomStream(seed, "moments");
  const met: string[] = [];
  for (const [stage, isAtWork] of stages) {
    const make = makeProcess(["reproduce", ...flags("parts", 2)]);
    while (!isAtWork() && make.child.exitCode === null) await later(5);
    await later(random.uniform(0, 600));
    const signal = random.float() < 0.5 ? "SIGKILL" : "SIGINT";
    if (make.child.exitCode === null) {
      process.kill(-make.child.pid!, signal);
      met.push(`${stage} ${signal}`);
    }
    await make.ended;
  }
  console.log(`stopped in: ${met.join(", ")}`);
  expect(met.length).toBeGreaterThan(6);
  await reproduce("parts", 2);
  expect(resultOf(at("parts"))).toEqual(whole);
});
