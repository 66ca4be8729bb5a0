import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, nearestName } from "./nearestName.ts";
import type { OptionTable } from "./optionTable.ts";
import { caseRow, echo } from "./testing/echoCommand.ts";
import { callCommand } from "./testing/index.ts";

async function optionsOf(argv: string[], env: Record<string, string> = {}, cwd = "/data") {
  const { error, code } = await callCommand(echo, argv, { env, cwd });
  const [options, origins] = error.split("\n").slice(0, 2);
  return code === 0 ? { options: JSON.parse(options!), origins: JSON.parse(origins!), code } : { error, code };
}

test("defaults come from the table", async () => {
  const { options, origins } = await optionsOf([]);
  expect(options).toEqual({
    budget: "10%",
    maxVoxels: 4_194_304,
    rate: 0.5,
    fast: false,
    mode: "near",
    exclude: [],
    halveAt: [2, 5, 10],
  });
  expect(new Set(Object.values(origins))).toEqual(new Set(["default"]));
});

test("each kind is read from a flag, and paths are made absolute", async () => {
  const { options } = await optionsOf(
    "--budget 7 -o runs/a --max-voxels 1_000 --rate 2.5e-1 --fast --mode far --exclude A,B --exclude C --halve-at=3,4".split(
      " ",
    ),
  );
  expect(options).toEqual({
    budget: "7",
    out: "/data/runs/a",
    maxVoxels: 1000,
    rate: 0.25,
    fast: true,
    mode: "far",
    exclude: ["A", "B", "C"],
    halveAt: [3, 4],
  });
});

test("flags win over the environment, the environment over the file, the file over defaults", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ensam-"));
  await writeFile(join(folder, "c.json"), '{"max-voxels": 10, "rate": 0.1, "mode": "far", "out": "runs"}');
  const given = ["--config", "c.json", "--max-voxels", "30"];
  const { options, origins } = await optionsOf(given, { ENSAM_MAX_VOXELS: "20", ENSAM_RATE: "0.2" }, folder);
  expect(options).toMatchObject({ maxVoxels: 30, rate: 0.2, mode: "far", fast: false, out: join(folder, "runs") });
  expect(origins).toMatchObject({ maxVoxels: "flag", rate: "environment", mode: "config", fast: "default" });
});

test("questions such as --version are not asked by the environment", async () => {
  expect((await optionsOf([], { ENSAM_VERSION: "1.2.3", ENSAM_HELP: "1", ENSAM_SCHEMA: "x" })).code).toBe(0);
});

test("an unknown flag is a usage error with the nearest name", async () => {
  const { code, error } = await optionsOf(["--max-voxel", "3"]);
  expect(code).toBe(2);
  expect(error).toBe("ensam-echo: --max-voxel: expected a known option; did you mean --max-voxels?\n");
  expect((await optionsOf(["-q"])).error).toContain("-q: expected a known option");
});

test("an unknown key of a configuration file is a usage error with the nearest name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ensam-"));
  await writeFile(join(folder, "c.json"), '{"halveat": [1]}');
  const { code, error } = await optionsOf(["--config", "c.json"], {}, folder);
  expect(code).toBe(2);
  expect(error).toContain('c.json: expected known option names, got "halveat"; did you mean halve-at?');
  await writeFile(join(folder, "c.json"), "[1]");
  expect((await optionsOf(["--config", "c.json"], {}, folder)).error).toContain("expected a JSON object, got [1]");
  expect((await optionsOf(["--config", "no.json"], {}, folder)).error).toContain("got ENOENT");
});

test.each([
  [["--max-voxels", "0"], '--max-voxels: expected an integer of at least 1, got "0"'],
  [["--max-voxels", "two"], '--max-voxels: expected an integer of at least 1, got "two"'],
  [["--max-voxels"], "--max-voxels: expected a value, got none"],
  [["--rate", "-0.5"], '--rate: expected a number from 0 to 1, got "-0.5"'],
  [["--rate", "NaN"], '--rate: expected a number from 0 to 1, got "NaN"'],
  [["--mode", "middle"], '--mode: expected one of near, far, got "middle"'],
  [["--budget", "many"], '--budget: expected a count or a share such as 10%, got "many"'],
  [["--shard", "0/4"], "--shard: expected I/N with 1 <= I <= N"],
  [["--halve-at", "2,x"], '--halve-at: expected an integer, got "x"'],
])("%j is refused", async (argv, message) => {
  const { code, error } = await optionsOf(argv);
  expect(code).toBe(2);
  expect(error).toContain(message);
  expect(error!.trim().split("\n")).toHaveLength(1);
});

test("a flag given twice counts the last time", async () => {
  const { options } = await optionsOf(["--rate", "0.1", "--rate", "0.2", "--fast", "--fast=false"]);
  expect(options).toMatchObject({ rate: 0.2, fast: false });
});

test("--no-fast is no opposite of --fast but an unknown option: --no-box 0.2 has a meaning of its own", async () => {
  expect(await optionsOf(["--no-fast"])).toMatchObject({ code: 2, error: expect.stringContaining("--no-fast") });
});

test("run.json of an earlier run is a configuration: its options are taken", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ensam-"));
  await writeFile(join(folder, "run.json"), '{"type": "run", "options": {"rate": 0.1, "mode": "far"}, "seed": 3}');
  const { options, origins } = await optionsOf(["--config", "run.json"], {}, folder);
  expect(options).toMatchObject({ rate: 0.1, mode: "far" });
  expect(origins).toMatchObject({ rate: "config", mode: "config", fast: "default" });
});

test("an option without an entry in the table does not compile", () => {
  // @ts-expect-error: `b` is missing
  const missing: OptionTable<{ a: number; b: boolean }> = { a: { kind: "number", default: 1, doc: "A." } };
  // @ts-expect-error: a value that is always there needs a default or has to be required
  const undecided: OptionTable<{ a: number }> = { a: { kind: "number", doc: "A." } };
  // @ts-expect-error: text is not a number
  const wrong: OptionTable<{ a: number }> = { a: { kind: "string", default: "1", doc: "A." } };
  expect([missing, undecided, wrong]).toHaveLength(3);
});

test("the edit distance counts letters changed, added and left out", () => {
  expect(editDistance("kitten", "sitting")).toBe(3); // k>s, e>i, +g
  expect(editDistance("", "abc")).toBe(3);
  fc.assert(
    fc.property(fc.string(), fc.string(), (a, b) => {
      expect(editDistance(a, b)).toBe(editDistance(b, a));
      expect(editDistance(a, b) === 0).toBe(a === b);
    }),
  );
});

test("nothing is suggested for a name that is far from all", () => {
  expect(nearestName("bugdet", ["jobs", "budget"])).toBe("budget");
  expect(nearestName("zzzzzz", ["jobs", "budget"])).toBeUndefined();
});

test("capitals of a choice do not matter: in flags, variables and rows", async () => {
  expect((await optionsOf(["--mode", "FAR"])).options.mode).toBe("far");
  expect((await optionsOf([], { ENSAM_MODE: "Far" })).options.mode).toBe("far");
  const input = JSON.stringify(caseRow("a", { modality: "microscopy" }));
  expect((await callCommand(echo, [], { input })).rows).toMatchObject([{ modality: "Microscopy" }]);
});

test("a negative number after a blank is a value, also where commas follow it", async () => {
  expect((await optionsOf(["--halve-at", "-3,4", "--fast"])).options).toMatchObject({ halveAt: [-3, 4], fast: true });
  expect((await optionsOf(["--exclude", "-.5,B", "-o", "-7"])).options).toMatchObject({
    exclude: ["-.5", "B"],
    out: "/data/-7",
  });
  expect((await optionsOf(["--rate", "-0.5"])).error).toContain('--rate: expected a number from 0 to 1, got "-0.5"');
  // After a flag that takes no value it stays an argument.
  expect((await optionsOf(["--fast", "-3"])).error).toContain("-3: expected an existing file");
});
