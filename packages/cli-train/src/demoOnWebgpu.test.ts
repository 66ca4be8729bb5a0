import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describeOnWebgpu } from "@ensam/core/tensors/webgpu/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
/** The built command: make calls the built ones too. */
const command = join(root, "packages/cli-train/bin/ensam-train.js");
const isBuilt = existsSync(join(root, "scripts/dist/phantoms.js"));
if (!isBuilt) console.log("demoOnWebgpu.test: no build: nothing is trained (make setup builds it)");

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-demo-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (program: string, argv: readonly string[]) => promisify(execFile)(program, argv, { cwd: root });

/** Six phantoms of five modalities, up to 36 voxels a side: what the demo trains on, made by its own lines. */
async function makeCoreset(): Promise<string> {
  const rows = join(folder, "coreset.ndjson");
  const phantoms = "PHANTOM_FLAGS=--cases 2 --test 0 --size 24 --objects 2 --smallest 60";
  await run("make", ["-o", "node_modules/.built", rows, `OUT=${folder}`, phantoms]);
  return rows;
}

/** What is compared of a row of the log; `dsc` is that after the box and after each click. */
interface Step {
  readonly type: string;
  readonly loss: number;
  readonly gradientNorm: number;
  readonly dsc: readonly number[];
  readonly cases: readonly string[];
}

const shared = "--preset tiny --max-voxels 2048 --clicks 2 --accumulate 1 --workers 0 --quiet";

async function train(rows: string, device: string, output: string, more: string): Promise<Step[]> {
  const argv = [command, rows, "-o", join(folder, output), "--device", device, ...`${shared} ${more}`.split(" ")];
  const { stdout } = await run(process.execPath, argv);
  const logged = stdout.trimEnd().split("\n");
  return logged.map((line) => JSON.parse(line) as Step).filter(({ type }) => type === "step");
}

/** Largest difference of two lists of numbers, relative to the second. */
function worst(actual: readonly number[], expected: readonly number[]): number {
  return Math.max(...actual.map((value, i) => Math.abs(value / expected[i]! - 1)));
}

await describeOnWebgpu("the demo", () => {
  test.runIf(isBuilt)("trains with the losses and scores of wasm, step by step", { timeout: 180_000 }, async () => {
    const rows = await makeCoreset();
    // A fresh network predicts nothing, so every click would lie in the object's middle whatever the device computes.
    await train(rows, "wasm", "warm", "--epochs 2 --halve-at 1 --lr 0.04");
    const on = (device: string) =>
      train(rows, device, device, `--init ${join(folder, "warm/checkpoints/last.safetensors")} --max-steps 5`);
    const [actual, expected] = [await on("webgpu"), await on("wasm")];

    expect(JSON.parse(readFileSync(join(folder, "webgpu/run.json"), "utf8"))).toMatchObject({
      device: expect.stringContaining("webgpu"),
    });
    expect(actual).toHaveLength(5);
    expect(actual.map(({ cases }) => cases)).toEqual(expected.map(({ cases }) => cases));
    expect(expected.filter(({ dsc }) => dsc[0]! > 0).length).toBeGreaterThanOrEqual(3);
    const loss = worst(
      actual.map((row) => row.loss),
      expected.map((row) => row.loss),
    );
    const norm = worst(
      actual.map((row) => row.gradientNorm),
      expected.map((row) => row.gradientNorm),
    );
    console.log(`demo: 5 steps, loss to ${loss.toExponential(1)}, gradient norm to ${norm.toExponential(1)}`);
    expect(loss).toBeLessThan(1e-4);
    expect(norm).toBeLessThan(1e-3);
    actual.forEach(({ dsc }, step) => {
      dsc.forEach((value, round) => {
        // A mask of a hundred voxels may differ by one whose logit is zero but for rounding.
        expect(Math.abs(value - expected[step]!.dsc[round]!), `step ${step}, round ${round}`).toBeLessThan(0.01);
      });
    });
  });
});
