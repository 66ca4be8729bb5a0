import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as later } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { randomStream } from "@ensam/core/voxels";
import { expect, test } from "vitest";
import { demoFlags, makeProcess } from "./testing/makeProcess.ts";

const seed = Number(process.env.TEST_SEED || Date.now() % 100_000);
console.log(`make.long.test: SEED=${seed}`);
const root = fileURLToPath(new URL("../..", import.meta.url));

/** What the demo is about: the scores without the times, and the weights. */
function resultOf(folder: string) {
  const rows = readFileSync(join(folder, "scores.ndjson"), "utf8").trim().split("\n");
  return {
    scores: rows.map((line) => ({ ...(JSON.parse(line) as object), seconds: undefined })),
    weights: readFileSync(join(folder, "run/checkpoints/last.safetensors")).toString("base64"),
  };
}

async function secondsOf(argv: readonly string[]): Promise<number> {
  const begun = performance.now();
  const make = makeProcess(argv);
  expect(await make.ended, make.said()).toBe(0);
  return (performance.now() - begun) / 1000;
}

const demos: [string, (folder: string) => string[]][] = [
  ["a small demo", (folder) => demoFlags(folder, 6)],
  ["make demo", (folder) => [`OUT=${folder}`, "DEVICE=wasm"]],
];

test.each(demos)("%s interrupted at ten moments ends with the same table and the same weights", async (_, flagsOf) => {
  execFileSync("make", ["setup"], { cwd: root, stdio: "ignore" });
  const [whole, parts] = ["whole", "parts"].map((name) => mkdtempSync(join(tmpdir(), `ensam-${name}-`)));
  try {
    const seconds = await secondsOf(["demo", ...flagsOf(whole!)]);
    const random = randomStream(seed, "moments");
    let interrupted = 0;
    while (interrupted < 10) {
      const make = makeProcess(["demo", ...flagsOf(parts!)]);
      const wait = random.uniform(0.02, 0.2) * seconds;
      await Promise.race([later(wait * 1000), make.ended]);
      if (make.child.exitCode !== null) break; // It came through before the tenth.
      process.kill(-make.child.pid!, "SIGINT");
      await make.ended;
      interrupted += 1;
    }
    await secondsOf(["demo", ...flagsOf(parts!)]);
    console.log(`interrupted ${interrupted} times; ${seconds.toFixed(0)} s without`);
    expect(interrupted).toBeGreaterThan(4);
    expect(resultOf(parts!)).toEqual(resultOf(whole!));
  } finally {
    for (const folder of [whole!, parts!]) rmSync(folder, { recursive: true, force: true });
  }
});
