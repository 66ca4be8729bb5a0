import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { readChallengeCase, readNpz, writeChallengeCase, writeSafetensors } from "@ensam/core/files";
import { minuteConfig, minuteModel } from "@ensam/core/inference/testing";
import { initParameters, parameterTable } from "@ensam/core/model";
import { type LabelMap, randomStream, type Zyx } from "@ensam/core/voxels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { programName } from "./containerPredictor.ts";
import { main } from "./main.ts";

const shape: Zyx = [8, 16, 16];
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-test-"));
  const metadata = { config: JSON.stringify(minuteConfig), settings: '{"maxVoxels": 1024}' };
  await writeSafetensors(join(folder, "net.safetensors"), minuteModel(-1) as never, metadata);
  const imgs = { data: Uint8Array.from({ length: 2048 }, (_, i) => (i * 7) % 256), shape };
  await writeChallengeCase(join(folder, "own.npz"), { imgs, gts: truth, spacing: [2, 1, 1] });
  await writeChallengeCase(join(folder, "input.npz"), { imgs, spacing: [2, 1, 1] });
  await writeChallengeCase(join(folder, "empty.npz"), { imgs, gts: { data: new Uint8Array(2048), shape } });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Two objects, 2 and 300: two blocks side by side on the slices 2 to 5. */
const truth: LabelMap = {
  data: Uint16Array.from({ length: 2048 }, (_, i) => {
    const [z, y, x] = [i >> 8, (i >> 4) & 15, i & 15];
    if (z < 2 || z > 5 || y < 4 || y > 9) return 0;
    return x >= 2 && x < 6 ? 2 : x >= 9 && x < 14 ? 300 : 0;
  }),
  shape,
};

function row(name: string, npz: string, modality = "CT") {
  return { type: "case", case: name, modality, dataset: "Toy", npz, shape, spacing: [2, 1, 1], labels: {} };
}

const simulate = (argv: readonly string[], rows: readonly unknown[]) =>
  callCommand(main, argv, { input: asLines(rows), cwd: folder, env: { PATH: process.env.PATH ?? "" } });
const withModel = ["--model", "net.safetensors", "--device", "cpu"];

test("a terminal shows how many cases there are, also from a pipe", async () => {
  const input = asLines([row("one", "own.npz"), row("two", "own.npz")]);
  const argv = [...withModel, "-o", "shown", "--shard", "1/2"];
  const { error } = await callCommand(main, argv, { input, cwd: folder, streams: { errorIsTty: true } });
  expect(error).toContain("cases 1/1"); // Every second of two.
});

test("a preprocessed case gets boxes, six interactions, and the truth's own label values", async () => {
  const result = await simulate([...withModel, "-o", "a"], [row("one", "own.npz")]);
  expect(result.error).toContain("device: cpu");
  expect(result.code).toBe(0);
  const [written] = result.rows;
  expect(written).toMatchObject({
    type: "prediction",
    case: "one",
    model: "net",
    prediction: join(folder, "a", "one.npz"),
    truth: join(folder, "own.npz"),
    hasBox: true,
  });
  expect(written!.seconds).toHaveLength(6);
  const clicks = written!.clicks as Record<string, { at: number[]; kind: string }[]>;
  // The truth of label 2 is z 2 to 5, y 4 to 9, x 2 to 5; a made box takes it all, moved outward at most.
  const [low, high] = (written!.boxes as Record<string, [number[], number[]]>)["2"]!;
  expect([low[0], high[0], low[1]! <= 4, high[1]! >= 9, low[2]! <= 2, high[2]! >= 5]).toEqual([
    2,
    5,
    true,
    true,
    true,
    true,
  ]);
  expect(Object.keys(clicks)).toEqual(["2", "300"]);
  expect(clicks["300"]).toHaveLength(5);

  const archive = await readNpz(join(folder, "a", "one.npz"));
  expect(archive.keys()).toEqual(["segs", "all_segs"]);
  expect(archive.numbers("all_segs")).toMatchObject({ shape: [6, 8, 16, 16], dtype: "<u2" });
  const { segs, allSegs } = await readChallengeCase(join(folder, "a", "one.npz"));
  expect(segs).toEqual(allSegs!.at(-1));
  expect([...new Set(segs!.data)].sort((a, b) => a - b)).toEqual([0, 2, 300]);
});

test("the same seed gives the same bytes", async () => {
  const run = async (output: string) => {
    await simulate([...withModel, "-o", output, "--seed", "7"], [row("one", "own.npz")]);
    return readFile(join(folder, output, "one.npz"));
  };
  expect((await run("s1")).equals(await run("s2"))).toBe(true);
});

test.each([
  ["in Microscopy", [row("cells", "own.npz", "Microscopy")], []],
  ["with --boxes none", [row("none", "own.npz")], ["--boxes", "none"]],
  ["for a challenge input without boxes", [row("input", "input.npz")], ["--truth", "gts"]],
])("there is no box interaction %s", async (_, rows, extra) => {
  await writeTruthFolder();
  const result = await simulate([...withModel, "-o", "nobox", ...extra], rows);
  expect(result.code).toBe(0);
  expect(result.rows[0]).toMatchObject({ hasBox: false });
  expect((result.rows[0]!.seconds as unknown[])[0]).toBeNull();
  expect(result.rows[0]!.seconds).toHaveLength(6);
  const { allSegs } = await readChallengeCase(join(folder, "nobox", `${rows[0]!.case}.npz`));
  expect(allSegs).toHaveLength(5);
});

async function writeTruthFolder(): Promise<void> {
  const { mkdir } = await import("node:fs/promises");
  await mkdir(join(folder, "gts"), { recursive: true });
  await writeChallengeCase(join(folder, "gts", "input.npz"), { gts: truth });
}

test("what is done stays as it is; a half-written, older or differently made result is made again", async () => {
  const rows = [row("one", "own.npz")];
  const output = join(folder, "again", "one.npz");
  const first = await simulate([...withModel, "-o", "again"], rows);
  const { mtimeMs } = await stat(output);
  const second = await simulate([...withModel, "-o", "again"], rows);
  expect(second.rows).toEqual(first.rows);
  expect((await stat(output)).mtimeMs).toBe(mtimeMs);

  await writeFile(output, (await readFile(output)).subarray(0, 100));
  await simulate([...withModel, "-o", "again"], rows);
  expect((await readChallengeCase(output, ["segs"])).segs!.shape).toEqual(shape);

  const { mtimeMs: redone } = await stat(output);
  await simulate([...withModel, "-o", "again", "--box-shift", "5"], rows);
  expect((await stat(output)).mtimeMs).toBeGreaterThan(redone);
});

test("a run that is stopped finishes its case, and the next one does only what is left", async () => {
  const huge = { data: new Uint8Array(125_000), shape: [50, 50, 50] as Zyx };
  await writeChallengeCase(join(folder, "huge.npz"), { segs: huge });
  await writeChallengeCase(join(folder, "good.npz"), { segs: { data: new Uint8Array(2048), shape } });
  const script = 'echo x >> "$OLDPWD/calls"; cp "$OLDPWD/good.npz" "outputs/$(ls inputs)"';
  const argv = ["--predictor", script, "-o", "stopped"];
  const input = asLines([row("first", "own.npz"), row("second", "own.npz")]);
  const env = { PATH: process.env.PATH ?? "" };
  const onSignal = (handler: () => void) => {
    setTimeout(handler, 10);
    return () => undefined;
  };
  const stopped = await callCommand(main, argv, { input, cwd: folder, env, streams: { onSignal } });
  expect([stopped.code, stopped.rows.map((written) => written.case)]).toEqual([75, ["first"]]);
  const resumed = await callCommand(main, argv, { input, cwd: folder, env });
  expect([resumed.code, resumed.rows.map((written) => written.case)]).toEqual([0, ["first", "second"]]);
  expect(resumed.rows[0]).toEqual(stopped.rows[0]);
  expect((await readFile(join(folder, "calls"), "utf8")).trim().split("\n")).toHaveLength(12); // Six for each case, once.
});

test.each([
  ["sh $OLDPWD/predict.sh --fast", "predict.sh"],
  ["python3 -u infer.py", "infer.py"],
  ["", "predictor"],
])("the command %j is called %s unless --name says otherwise", (command, name) => {
  expect(programName(command)).toBe(name);
});

test("a case that cannot be used is a failure row, and the others are done", async () => {
  const rows = [row("gone", "gone.npz"), row("blank", "empty.npz"), row("one", "own.npz"), row("one", "own.npz")];
  const result = await simulate([...withModel, "-o", "mixed"], rows);
  expect(result.code).toBe(1);
  expect(result.rows.map((written) => [written.type, written.case])).toEqual([
    ["failure", "gone"],
    ["failure", "blank"],
    ["prediction", "one"],
    ["failure", "one"],
  ]);
  expect(result.rows[0]!.error).toMatch(/gone\.npz: expected/);
  expect(result.rows[1]!.error).toMatch(/empty\.npz: gts: expected at least one label/);
  expect(result.rows[3]!.error).toMatch(/expected each case once/);
});

test("a wrong model or choice of models ends the command before any case", async () => {
  const rows = [row("one", "own.npz")];
  const both = await simulate(["--model", "net", "--predictor", "true", "-o", "x"], rows);
  expect([both.code, both.output]).toEqual([2, ""]);
  expect(both.error).toContain("expected one of --model and --predictor, got both");
  // What the README tells to set for a session does not stand against a flag.
  const env = { PATH: process.env.PATH ?? "", ENSAM_MODEL: "nowhere" };
  const input = asLines(rows);
  const flag = await callCommand(main, ["--predictor", "exit 7", "-o", "x"], { input, cwd: folder, env });
  expect([flag.code, flag.error]).toEqual([3, expect.stringContaining("(exit 7)")]);
  const twice = await callCommand(main, ["-o", "x"], { input, cwd: folder, env: { ...env, ENSAM_PREDICTOR: "true" } });
  expect(twice.error).toContain("expected one of --model and --predictor, got both from the environment");
  const missing = await simulate(["--model", "nowhere", "-o", "x"], rows);
  expect(missing.code).toBe(3);
  expect(missing.error).toContain("nowhere: expected a .safetensors file, a run folder");
  const other = await simulate(["--model", "own.npz", "-o", "x"], rows);
  expect(other.code).toBe(3);
});

const badPredictors: [string, string, RegExp][] = [
  ["crashes", "echo no GPU here >&2; exit 3", /no such file.*\(exit 3; it said: no GPU here\)/],
  ["writes nothing", "true", /outputs\/bad\.npz.*\(exit 0\)/],
  ["writes rubbish", "echo rubbish > outputs/bad.npz", /outputs\/bad\.npz: expected/],
  ["leaves a FIFO", "mkfifo outputs/bad.npz", /outputs\/bad\.npz: expected a file, got something else/],
  // 8 bytes for each of 8 x 16 x 16 voxels, and 65,536 for the header; the file says 50 x 50 x 50 and its header.
  ["writes too much", 'cp "$OLDPWD/huge.npz" outputs/bad.npz', /segs: expected at most 81920 bytes, got 125\d\d\d/],
  ["hands back its input", "cp inputs/bad.npz outputs/", /the key "segs"/],
];

test.each(badPredictors)("a predictor that %s costs its case only", async (_, command, message) => {
  const script = `if [ -e inputs/bad.npz ]; then ${command}; else cp "$OLDPWD/good.npz" outputs/good.npz; fi`;
  await writeChallengeCase(join(folder, "good.npz"), { segs: { data: new Uint8Array(2048), shape } });
  const rows = [row("bad", "own.npz"), row("good", "own.npz")];
  const result = await simulate(["--predictor", script, "-o", `p-${_.replaceAll(" ", "-")}`], rows);
  expect(result.code).toBe(1);
  expect(result.rows.map((written) => written.type)).toEqual(["failure", "prediction"]);
  expect(result.rows[0]!.error).toMatch(message);
});

test("a predictor past its time is ended with everything it started", async () => {
  const script = "(sleep 3; touch $OLDPWD/survivor) & sleep 60";
  const start = performance.now();
  const result = await simulate(["--predictor", script, "-o", "slow", "--time-limit", "0.2"], [row("slow", "own.npz")]);
  expect(performance.now() - start).toBeLessThan(5000);
  expect(result.rows[0]!.error).toMatch(/expected all interactions within 0\.4 s \(0\.2 s for each of 2 labels\)/);
  await new Promise((resolve) => setTimeout(resolve, 3200));
  await expect(stat(join(folder, "survivor"))).rejects.toThrow("ENOENT");
});

test("the truth never reaches a predictor, and --renumber turns its 1, 2 into the truth's labels", async () => {
  await writeChallengeCase(join(folder, "ones.npz"), { segs: { data: new Uint8Array(2048).fill(2), shape } });
  const script = 'cp inputs/*.npz "$OLDPWD/handed.npz"; cp "$OLDPWD/ones.npz" outputs/one.npz';
  const result = await simulate(["--predictor", script, "--renumber", "-o", "re"], [row("one", "own.npz")]);
  expect(result.code).toBe(0);
  const handed = await readNpz(join(folder, "handed.npz"));
  expect(handed.keys().sort()).toEqual(["boxes", "clicks", "clicks_order", "imgs", "prev_pred", "spacing"]);
  expect(new Set(handed.numbers("prev_pred").data)).toEqual(new Set([2]));
  const { segs } = await readChallengeCase(join(folder, "re", "one.npz"), ["segs"]);
  expect(new Set(segs!.data)).toEqual(new Set([300]));
});

test("labels over 255 of a predictor wrap where the official evaluator makes uint8 of them, which is said", async () => {
  // 300 everywhere: 300 - 256 = 44 in prev_pred, so the official clicks see nothing of object 300, whose mask is right.
  await writeChallengeCase(join(folder, "wide.npz"), { segs: { data: new Uint16Array(2048).fill(300), shape } });
  const script = 'cp inputs/*.npz "$OLDPWD/wrapped.npz"; cp "$OLDPWD/wide.npz" outputs/one.npz';
  const result = await simulate(["--predictor", script, "-o", "wide"], [row("one", "own.npz")]);
  expect(result.code).toBe(0);
  expect(result.error.match(/one: labels over 255 .* wrap in clicks and prev_pred \(modulo 256\)/g)).toHaveLength(1);
  const { prevPred } = await readChallengeCase(join(folder, "wrapped.npz"), ["prev_pred"]);
  expect(new Set(prevPred!.data)).toEqual(new Set([44]));
  const clicks = result.rows[0]!.clicks as Record<string, { kind: string }[]>;
  expect(new Set(clicks["300"]!.map(({ kind }) => kind))).toEqual(new Set(["fg"]));
  const { segs } = await readChallengeCase(join(folder, "wide", "one.npz"), ["segs"]);
  expect(new Set(segs!.data)).toEqual(new Set([300]));
});

test("a changed script is another predictor, and its cases are made again", async () => {
  await writeChallengeCase(join(folder, "good.npz"), { segs: { data: new Uint8Array(2048), shape } });
  const script = join(folder, "predict.sh");
  const argv = ["--predictor", "sh $OLDPWD/predict.sh", "-o", "scripted"];
  const calls = async () => (await readFile(join(folder, "marks"), "utf8")).length;
  await writeFile(script, 'cp "$OLDPWD/good.npz" outputs/one.npz; printf x >> "$OLDPWD/marks"\n');
  for (const expected of [6, 6]) {
    expect((await simulate(argv, [row("one", "own.npz")])).code).toBe(0);
    expect(await calls()).toBe(expected); // a box and five clicks, once
  }
  await writeFile(script, 'cp "$OLDPWD/good.npz" outputs/one.npz; printf x >> "$OLDPWD/marks" # changed\n');
  await simulate(argv, [row("one", "own.npz")]);
  expect(await calls()).toBe(12);
});

test("a voxel size in the row that is not the npz's is told", async () => {
  const result = await simulate([...withModel, "-o", "sized"], [{ ...row("one", "own.npz"), spacing: [1, 1, 2] }]);
  expect(result.code).toBe(0);
  expect(result.error).toContain("one: spacing: the row has [1, 1, 2], its npz [2, 1, 1] (z, y, x); the row's counts");
  expect((await simulate([...withModel, "-o", "sized2"], [row("one", "own.npz")])).error).not.toContain("spacing");
});

test("weights of another kind are named", async () => {
  for (const [name, start, words] of [
    ["net.pth", "PK\x03\x04", "a zip archive, most likely PyTorch's"],
    ["old.pth", "\x80\x02\x8a\x0a", "a pickle, most likely PyTorch's"],
  ] as const) {
    await writeFile(join(folder, name), Buffer.from(start.padEnd(100, "x"), "latin1"));
    const result = await simulate(["--model", name, "--device", "cpu", "-o", "x"], [row("one", "own.npz")]);
    expect({ code: result.code, error: result.error.trim().split("\n").length }).toEqual({ code: 3, error: 1 });
    expect(result.error).toContain(`${name}: expected a safetensors file, got ${words}`);
  }
});

test("--exclusive changes the answers, is part of what a saved prediction is of, and is for our own models", async () => {
  // Prompts as maps act where they are, also in a net that learned nothing, if they weigh enough.
  const config = { ...minuteConfig, prompts: "dense" as const };
  const drawn = initParameters(config, randomStream(1, "dense"));
  drawn["decoder.prompts.weight"] = drawn["decoder.prompts.weight"]!.map((value) => 30 * value);
  drawn["decoder.head.bias"]!.fill(0);
  const values = parameterTable(config).map(({ name, shape: own }) => [name, { shape: own, data: drawn[name]! }]);
  const metadata = { config: JSON.stringify(config), settings: '{"maxVoxels": 1024}' };
  await writeSafetensors(join(folder, "even.safetensors"), Object.fromEntries(values) as never, metadata);
  const answer = async (argv: readonly string[]) => {
    const result = await simulate(["--model", "even.safetensors", "--device", "cpu", ...argv], [row("one", "own.npz")]);
    expect(result.code).toBe(0);
    const { allSegs } = await readChallengeCase(join(folder, argv[1]!, "one.npz"));
    return { model: result.rows[0]!.model, allSegs };
  };
  const plain = await answer(["-o", "plain", "--boxes", "none"]);
  const exclusive = await answer(["-o", "plain", "--boxes", "none", "--exclusive"]); // Made anew, not taken as saved.
  expect([plain.model, exclusive.model]).toEqual(["even (clicks only)", "even (clicks only, exclusive)"]);
  expect(exclusive.allSegs).not.toEqual(plain.allSegs);
  const refused = await simulate(["--predictor", "true", "-o", "no", "--exclusive"], [row("one", "own.npz")]);
  expect([refused.code, refused.error]).toEqual([2, expect.stringContaining("--exclusive: expected --model")]);
});

test("a model that takes positions in mm says where a case does not know its voxel size", async () => {
  const metadata = { config: JSON.stringify({ ...minuteConfig, coordinates: "mm" }), settings: '{"maxVoxels": 1024}' };
  await writeSafetensors(join(folder, "mm.safetensors"), minuteModel(-1) as never, metadata);
  const { imgs, gts } = await readChallengeCase(join(folder, "own.npz"));
  await writeChallengeCase(join(folder, "unsized.npz"), { imgs: imgs!, gts: gts! });
  const said = async (npz: string) => {
    const argv = ["--model", "mm.safetensors", "--device", "cpu", "-o", `mm-${npz}`];
    return (await simulate(argv, [row("one", npz)])).error;
  };
  expect(await said("unsized.npz")).toContain("unsized.npz: spacing: expected the voxel size");
  expect(await said("own.npz")).not.toContain("expected the voxel size");
});
