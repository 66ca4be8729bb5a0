import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { expect, test } from "vitest";
import { keepRows } from "./keptRows.ts";
import { main } from "./main.ts";

const rows = [
  ...casesOf("CT_A", "CT", 8),
  ...casesOf("MR_B", "MR", 2),
  ...casesOf("CT_Aorta", "CT", 5),
  ...casesOf("Microscopy_C", "Microscopy", 5),
];
const input = asLines(rows);

test("chosen rows come out unchanged and in the order of the input", async () => {
  const { code, rows: chosen } = await callCommand(main, ["--budget", "10"], { input });
  expect(code).toBe(0);
  // four datasets, ceiling 2 (8 cases); 3 would be 3 + 2 + 3 + 3 = 11
  expect(chosen).toHaveLength(8);
  const positions = chosen.map((row) => rows.findIndex(({ case: name }) => name === row.case));
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  expect(chosen).toEqual(positions.map((position) => rows[position]));
});

test("the report says for each dataset what it had, gave and why, and why each other case was left out", async () => {
  const argv = "--budget 8 --fill --exclude-dataset CT_Aorta --exclude-modality Microscopy --report".split(" ");
  const { error, rows: chosen } = await callCommand(main, argv, { input });
  expect(chosen).toHaveLength(8);
  const lines = error.split("\n");
  expect(lines.slice(0, 6)).toEqual([
    "dataset       had  gave  why",
    "CT_A            8     6  ceiling 6, chosen by the seed",
    "CT_Aorta        5     0  dataset CT_Aorta is excluded",
    "MR_B            2     2  all it has",
    "Microscopy_C    5     0  modality Microscopy is excluded",
    "total          20     8  budget 8, so a ceiling of 6",
  ]);
  expect(lines.filter((line) => line.startsWith("left out: CT_A_"))).toHaveLength(2);
  expect(lines).toContain("left out: CT_Aorta_0: dataset CT_Aorta is excluded");
  expect(lines.at(-2)).toBe("ensam-coreset: chose 8 of 20 cases (budget 8, seed 2025)");
});

test("what the paper's rule leaves of the budget is said", async () => {
  const argv = "--budget 8 --exclude-dataset CT_Aorta --exclude-modality Microscopy".split(" ");
  const { error, rows: chosen } = await callCommand(main, argv, { input });
  // 8 / 2 datasets = 4: four of CT_A's eight, both of MR_B
  expect(chosen.map(({ dataset }) => dataset)).toEqual(["CT_A", "CT_A", "CT_A", "CT_A", "MR_B", "MR_B"]);
  expect(error).toBe("ensam-coreset: chose 6 of 20 cases (budget 8, seed 2025; --fill uses the rest)\n");
});

test("the same seed gives the same bytes, from a file or a pipe", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "ensam-"));
  await writeFile(join(cwd, "cases.ndjson"), input);
  const piped = await callCommand(main, ["--budget", "30%", "--quiet"], { input });
  const fromFile = await callCommand(main, ["--budget", "30%", "--quiet", "cases.ndjson"], { cwd });
  expect(fromFile.output).toBe(piped.output);
  expect(fromFile.rows).toHaveLength(4); // 30 % of 20 is 6; four datasets give one each, two each would be 8
});

test("rows of a file in another folder have their paths moved, so that the next command finds them", async () => {
  const cwd = await mkdtemp(join(tmpdir(), "ensam-"));
  await mkdir(join(cwd, "data"));
  await writeFile(join(cwd, "data", "cases.ndjson"), asLines([{ ...rows[0], npz: "CT_A_0.npz" }]));
  const { rows: chosen } = await callCommand(main, ["--budget", "1", "data/cases.ndjson"], { cwd });
  expect(chosen).toEqual([{ ...rows[0], npz: join(cwd, "data", "CT_A_0.npz") }]);
});

test.each([
  [["--budget", "many"], 2, '--budget: expected a count such as 4471 or a share such as 10%, got "many"'],
  [[], 2, "--budget: expected a value, got none"],
  [["--budget", "1%"], 2, "--budget: expected at least one case, got 1% of 20 cases"],
  [["--bugdet", "3"], 2, "--bugdet: expected a known option; did you mean --budget?"],
  [["--budget", "3", "--exclude-modality", "MRI"], 2, 'got "MRI"'],
])("%j is refused", async (argv, expected, message) => {
  const { code, error, output } = await callCommand(main, argv, { input });
  expect(code).toBe(expected);
  expect(error).toContain(message);
  expect(output).toBe("");
});

test("a misspelt exclusion is pointed out", async () => {
  const { error } = await callCommand(main, ["--budget", "3", "--exclude-dataset", "CT_Aotra"], { input });
  expect(error).toContain("no case is of dataset CT_Aotra; did you mean CT_Aorta?");
});

test("no rows in, or none left after exclusions, is exit code 3", async () => {
  const none = { code: 3, output: "", error: "ensam-coreset: stdin: expected at least one case, got none\n" };
  expect(await callCommand(main, ["--budget", "10%", "--quiet"])).toMatchObject(none);
  const input = asLines(casesOf("CT_A", "CT", 3));
  const excluded = await callCommand(main, ["--budget", "3", "--exclude-dataset", "CT_A", "--quiet"], { input });
  expect(excluded).toMatchObject({ code: 3, output: "" });
  expect(excluded.error).toContain("expected at least one case besides those left out, got none of 3");
});

function casesOf(dataset: string, modality: string, count: number) {
  return Array.from({ length: count }, (_, i) => ({
    type: "case",
    case: `${dataset}_${i}`,
    modality,
    dataset,
    npz: `/data/${dataset}_${i}.npz`,
    shape: [4, 5, 6],
    spacing: [5, 1, 1],
    labels: { "1": { voxels: 9 } },
    licence: "CC0",
  }));
}

test("rows that wait, packed, come back equal and in order, whatever the files they came from", () => {
  const origin = (file: string) => ({ file, line: 1, folder: `/${file}` });
  // Rows of 100 kB, so that there are several blocks of a million characters; one block holds rows of two files.
  const given = Array.from({ length: 25 }, (_, i) => ({
    row: { case: `c${i}`, note: `line\n漢 ${"x".repeat(100_000)}` } as never,
    origin: origin(i < 13 ? "a" : "b"),
  }));
  const kept = keepRows();
  for (const item of given) kept.add(item);
  expect([...kept.wanted(() => true)]).toEqual(given);
  expect([...kept.wanted((position) => position % 7 === 3)]).toEqual([given[3], given[10], given[17], given[24]]);
});
