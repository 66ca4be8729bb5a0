import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asLines, type CallOptions, callCommand } from "@ensam/core/command/testing";
import { readChallengeCase, readSafetensors, writeChallengeCase } from "@ensam/core/files";
import { afterEach, beforeEach, expect, test } from "vitest";
import { main } from "./main.ts";
import { writePhantom } from "./testing/phantom.ts";

let folder = "";
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "ensam-train-"));
  const rows = [await writePhantom(folder, "CT_ball_1"), await writePhantom(folder, "CT_ball_2")];
  writeFileSync(join(folder, "cases.ndjson"), asLines(rows));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const quick = [
  "--preset",
  "tiny",
  "--device",
  "wasm",
  "--threads",
  "1",
  "--workers",
  "0",
  "--clicks",
  "1",
  "--max-voxels",
  "2048",
];
const train = (flags: readonly string[], options: CallOptions = {}) =>
  callCommand(main, ["cases.ndjson", ...quick, ...flags], { cwd: folder, ...options });
const bytes = (run: string, name = "last") => readFileSync(join(folder, run, "checkpoints", `${name}.safetensors`));

test("a run writes run, step, validation, checkpoint and end rows, the same to stdout and to the log", async () => {
  const result = await train(["-o", "run", "--epochs", "1", "--accumulate", "1", "--validate", "cases.ndjson"]);
  expect(result.error).toContain("device: wasm");
  expect(result.code).toBe(0);
  expect(result.rows.map(({ type }) => type)).toEqual([
    "run",
    "step",
    "step",
    "validation",
    "checkpoint",
    "checkpoint",
    "end",
  ]);
  expect(readFileSync(join(folder, "run/log.ndjson"), "utf8")).toBe(result.output);

  const [run, step] = result.rows;
  expect(run).toMatchObject({ parameters: 166_541, seed: 1, cases: 2, origins: { preset: "flag", lr: "default" } });
  expect(step).toMatchObject({ step: 1, epoch: 0.5, learningRate: 2e-3, samples: 1 });
  expect(step!.dsc).toHaveLength(2);
  expect(result.rows.at(-1)).toMatchObject({ reason: "done", step: 2, samples: 2, failedCases: 0 });
  expect(JSON.parse(readFileSync(join(folder, "run/run.json"), "utf8"))).toEqual(run);

  const { tensors, metadata } = readSafetensors(join(folder, "run/checkpoints/best.safetensors"));
  expect(tensors["encoder.stem.weight"]!.shape).toEqual([4, 1, 3, 3, 3]);
  expect(JSON.parse(metadata.config!)).toMatchObject({ embedDim: 32, position: "liere" });
  expect(result.rows[4]).toMatchObject({ path: join(folder, "run/checkpoints/best.safetensors"), kind: "best" });
});

test("a run that is stopped by a signal and resumed ends with the bytes of one that was not", async () => {
  const flags = ["--epochs", "2", "--accumulate", "2", "--ema", "0.9", "--no-box", "0.5"];
  const whole = await train(["-o", "whole", ...flags]);
  expect(whole.code).toBe(0);

  // The signal comes at once, so the first sample is finished, in the middle of a step, and saved.
  const signalled: CallOptions = {
    streams: {
      onSignal: (handler) => {
        handler();
        return () => undefined;
      },
    },
  };
  const stopped = await train(["-o", "parts", ...flags], signalled);
  expect(stopped.code).toBe(75);
  expect(stopped.rows.at(-1)).toMatchObject({ type: "end", reason: "signal", step: 0 });
  expect(stopped.error).toContain("run the same command again to go on");

  const resumed = await train(["-o", "parts", ...flags]);
  expect(resumed.error).toContain("going on from");
  expect(resumed.code).toBe(0);
  expect(bytes("parts").equals(bytes("whole"))).toBe(true);
  const losses = (rows: Record<string, unknown>[]) =>
    rows.filter(({ type }) => type === "step").map(({ loss }) => loss);
  expect(losses(resumed.rows)).toEqual(losses(whole.rows));

  const again = await train(["-o", "parts", ...flags]);
  expect(again.code).toBe(0);
  expect(again.rows).toEqual([{ type: "end", step: 2, reason: "already done" }]);
});

test("ten steps without finite gradients end the run; the last good checkpoint stays, and a resumed run starts from it", async () => {
  // The first step, at this rate, makes weights of 1e30 that give no number any more.
  const flags = ["-o", "run", "--epochs", "20", "--accumulate", "1", "--lr", "1e30", "--checkpoint-every", "1"];
  const result = await train(flags);
  expect(result.code).toBe(3);
  const types = result.rows.map(({ type }) => type);
  expect(types).toEqual(["run", "step", "checkpoint", ...Array(10).fill("skip"), "end"]);
  expect(result.rows[3]).toMatchObject({ step: 2, inARow: 1, reason: "gradients: expected a finite length, got NaN" });
  expect(result.rows.at(-1)).toMatchObject({ step: 1, reason: "gradients not finite", skippedSteps: 10 });
  expect(result.error).toMatch(
    /expected a finite length, got none 10 steps in a row.*run\/checkpoints\/last\.safetensors/,
  );
  const { metadata } = readSafetensors(join(folder, "run/checkpoints/last.safetensors"));
  expect(JSON.parse(metadata.progress!)).toEqual({ step: 1, place: { epoch: 0, position: 1 }, pending: [] });
  const again = await train(flags);
  expect(again.error).toContain("going on from");
  expect(again.rows.filter(({ type }) => type === "skip")).toHaveLength(10);
});

test("a run with --recompute, also one that begins without it, ends with the bytes of one without", async () => {
  const flags = ["--epochs", "2", "--accumulate", "1"];
  expect((await train(["-o", "kept", ...flags])).code).toBe(0);
  expect((await train(["-o", "again", ...flags, "--recompute"])).code).toBe(0);
  expect(bytes("again").equals(bytes("kept"))).toBe(true);

  expect((await train(["-o", "mixed", ...flags, "--max-steps", "2"])).code).toBe(0);
  const mixed = await train(["-o", "mixed", ...flags, "--recompute"]);
  expect(mixed.code).toBe(0);
  expect(mixed.error).not.toContain("recompute");
  expect(mixed.rows[0]).toMatchObject({ options: { recompute: true }, origins: { recompute: "flag" }, resumed: true });
});

test("a volume that only fits with --recompute is pooled without it, and the warning names the flag", async () => {
  // 48 x 32 x 32 voxels, 4 channels, 4 bytes: 20 maps take 15 MiB, 14 take 10.5 MiB; the weights' copies 2.7 MiB.
  writeFileSync(join(folder, "cases.ndjson"), asLines([await writePhantom(folder, "CT_large", [46, 30, 30])]));
  const flags = ["--epochs", "1", "--max-voxels", "65536", "--clicks", "0", "--no-box", "0", "--memory", "16"];
  const pooled = await train(["-o", "pooled", ...flags]);
  expect(pooled.error).toContain("CT_large: out of memory, tried again at");
  expect(pooled.error).toContain("add --recompute to need 13.2 MiB");
  const whole = await train(["-o", "whole", ...flags, "--recompute"]);
  expect(whole.code).toBe(0);
  expect(whole.error).not.toContain("out of memory");
});

test("a STOP file ends the run with 75 and is removed; longer --epochs go on and are noted", async () => {
  const flags = ["-o", "run", "--accumulate", "1"];
  expect((await train([...flags, "--epochs", "1"])).code).toBe(0);
  writeFileSync(join(folder, "run/STOP"), "");
  const stopped = await train([...flags, "--epochs", "2"]);
  expect(stopped.code).toBe(75);
  expect(stopped.error).toContain("changed on resuming: epochs: 1 -> 2");
  expect(stopped.rows.at(-1)).toMatchObject({ reason: "STOP file", step: 3 });
  expect(existsSync(join(folder, "run/STOP"))).toBe(false);
});

test("a broken newest checkpoint falls back to the one before, loudly", async () => {
  const flags = ["-o", "run", "--accumulate", "1", "--epochs", "2", "--checkpoint-every", "1"];
  expect((await train([...flags, "--max-steps", "3"])).code).toBe(0);
  const whole = bytes("run");
  truncateSync(join(folder, "run/checkpoints/last.safetensors"), 1000);
  const resumed = await train([...flags, "--max-steps", "3"]);
  expect(resumed.error).toContain("WARNING: this checkpoint is broken");
  expect(resumed.error).toContain("step 2");
  expect(resumed.code).toBe(0);
  expect(bytes("run").equals(whole)).toBe(true);
  // The rows of step 3 stand once in the log, although it was done twice.
  const steps = readFileSync(join(folder, "run/log.ndjson"), "utf8").match(/"type":"step"/g);
  expect(steps).toHaveLength(3);
});

test("other options or cases are refused when a run would go on, and listed", async () => {
  const flags = ["-o", "run", "--accumulate", "1", "--epochs", "1"];
  expect((await train([...flags, "--max-steps", "1"])).code).toBe(0);
  const refused = await train([...flags, "--lr", "0.5", "--clicks", "2"]);
  expect(refused.code).toBe(2);
  expect(refused.error).toContain("clicks: 1 -> 2; learningRate: 0.002 -> 0.5");
  const allowed = await train([...flags, "--lr", "0.5", "--allow-changes"]);
  expect(allowed.code).toBe(0);
});

test("--init takes what fits and lists the rest", async () => {
  expect((await train(["-o", "first", "--max-steps", "1"])).code).toBe(0);
  const init = ["--init", "first/checkpoints/last.safetensors", "--max-steps", "1"];
  const tuned = await train(["-o", "second", "--position", "rope", ...init]);
  expect(tuned.code).toBe(0);
  expect(tuned.error).toContain("not in it, drawn afresh (1): position.frequencies");
  expect(tuned.error).toContain("in it, not in the model (1): position.generators");
  // A run folder stands for its best checkpoint, else its last, as for --model.
  const ofRun = await train(["-o", "third", "--init", "first", "--max-steps", "1"]);
  expect(ofRun.error).toContain(`weights from ${join(folder, "first", "checkpoints", "last.safetensors")}`);
  // A model of another width would be trained from scratch under the name of a tuned one.
  const other = await train(["-o", "other", "--preset", "small", ...init]);
  expect([other.code, other.error]).toEqual([3, expect.stringMatching(/got \d+ of \d+ tensors that fit, \d+ % of/)]);
  const none = await train(["-o", "fourth", "--init", ".", "--max-steps", "1"]);
  expect([none.code, none.error]).toEqual([
    3,
    expect.stringContaining("a run folder with checkpoints/ or the word builtin, got none of these"),
  ]);
});

test("a case that cannot be used becomes a failure row; the others are trained on and the exit code is 1", async () => {
  const good = readFileSync(join(folder, "cases.ndjson"), "utf8");
  const lost = { ...JSON.parse(good.split("\n")[0]!), case: "CT_lost", npz: "lost.npz" };
  writeFileSync(join(folder, "cases.ndjson"), good + asLines([lost]));
  const result = await train(["-o", "run", "--epochs", "2", "--accumulate", "2"]);
  expect(result.code).toBe(1);
  const failures = result.rows.filter(({ type }) => type === "failure");
  expect(failures).toHaveLength(1);
  expect(failures[0]).toMatchObject({ case: "CT_lost", stage: "sample" });
  expect(failures[0]!.error).toContain("CT_lost: ");
  expect(result.rows.at(-1)).toMatchObject({ samples: 4, failedCases: 1 });
});

test("when no case can be used the input is refused with exit 3", async () => {
  rmSync(join(folder, "CT_ball_1.npz"));
  rmSync(join(folder, "CT_ball_2.npz"));
  const result = await train(["-o", "run", "--epochs", "1"]);
  expect(result.code).toBe(3);
  expect(result.error).toContain("expected at least one case that gives a sample, got 2 that failed");
});

test("wrong usage ends with 2, missing rows with 3", async () => {
  expect((await train([])).error).toContain("--output: expected a run folder, got none");
  expect((await train(["-o", "run", "--epohcs", "3"])).error).toContain("--epochs");
  expect((await train(["-o", "run", "--max-time", "soon"])).code).toBe(2);
  const empty = await callCommand(main, ["-o", "run", ...quick], { cwd: folder });
  expect(empty.code).toBe(3);
  expect(empty.error).toContain("stdin: expected at least one case, got none");
});

test("samples without box and without clicks are refused: they would have nothing to begin with", async () => {
  const { code, error } = await train(["-o", "run", "--epochs", "1", "--clicks", "0"]);
  expect(error).toContain(
    "--clicks 0: expected --no-box 0 beside it (a sample without box begins with a click), got 0.2",
  );
  expect(code).toBe(2);
  expect(existsSync(join(folder, "run"))).toBe(false);
  const boxesAlone = ["--no-box", "0", "--clicks", "0", "--epochs", "1", "--validate", "cases.ndjson"];
  expect((await train(["-o", "run", ...boxesAlone])).code).toBe(0);
});

test("--plan prints the paper's parameters and operations in one row", async () => {
  const result = await callCommand(main, ["--plan", "--preset", "tiny", "--device", "wasm"], { cwd: folder });
  expect(result.code).toBe(0);
  expect(result.rows).toHaveLength(1);
  expect(result.rows[0]).toMatchObject({ type: "plan", shape: [256, 128, 128], parameters: { total: 166_541 } });
  const again = await callCommand(main, ["--plan", "--preset", "tiny", "--device", "wasm", "--recompute"]);
  const [kept, frugal] = [result.rows[0]!, again.rows[0]!] as unknown as Plan[];
  expect(frugal!.memoryBytes).toBe(kept!.memoryBytesWithRecompute);
  expect(frugal!.memoryBytes).toBeLessThan(0.75 * kept!.memoryBytes);
  const ratio = frugal!.multiplyAccumulates.trainingSample / kept!.multiplyAccumulates.trainingSample;
  expect(ratio).toBeGreaterThan(1.03);
  expect(ratio).toBeLessThan(1.05);
});

interface Plan {
  memoryBytes: number;
  memoryBytesWithRecompute: number;
  multiplyAccumulates: { trainingSample: number };
}

test("--coordinates mm and --levels 5 are kept with the model, and a case without voxel size is said once", async () => {
  const { imgs, gts } = await readChallengeCase(join(folder, "CT_ball_1.npz"));
  await writeChallengeCase(join(folder, "CT_ball_1.npz"), { imgs: imgs!, gts: gts! });
  const flags = [
    "--epochs",
    "2",
    "--accumulate",
    "1",
    "--coordinates",
    "mm",
    "--levels",
    "5",
    "--validate",
    "cases.ndjson",
  ];
  const result = await train(["-o", "run", ...flags]);
  expect(result.code).toBe(0);
  expect(result.error.match(/CT_ball_1: spacing: expected the voxel size .*, got none; taken for cubes/g)).toHaveLength(
    1,
  );
  expect(result.error).not.toContain("CT_ball_2: spacing");
  const { tensors, metadata } = readSafetensors(join(folder, "run/checkpoints/last.safetensors"));
  expect(JSON.parse(metadata.config!)).toMatchObject({ coordinates: "mm", filters: [4, 8, 16, 32, 64] });
  expect(tensors["decoder.stages.3.conv2.weight"]!.shape).toEqual([4, 4, 3, 3, 3]);
  const other = await train(["-o", "run", "--epochs", "3", "--accumulate", "1", "--levels", "5"]);
  expect([other.code, other.error]).toEqual([2, expect.stringContaining('coordinates: "mm" -> none')]);
});
