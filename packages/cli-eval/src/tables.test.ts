import { describe, expect, test } from "vitest";
import { compareModels } from "./compareModels.ts";
import { csvFiles } from "./csv.ts";
import { spreadCompare } from "./options.ts";
import { latexTable, markdownTable, textTable } from "./resultTable.ts";
import { summarize } from "./summarize.ts";
import {
  comparisonTable,
  datasetTable,
  modalityTable,
  publishedTable,
  secondsTable,
  validationTable,
} from "./tables.ts";
import { scoreRow } from "./testing/scoreRow.ts";
import { scoresOf } from "./testing/scoresOf.ts";

// DSC AUC: (0.4 + 0.9) / 2 + 0.6 + 0.8 + 0.85 = 2.9 and (0.2 + 0.5) / 2 + 0.2 + 0.4 + 0.4 = 1.35; their mean is 2.125.
const first = scoreRow({ case: "CT_a_1", dsc: [0.3, 0.4, 0.6, 0.8, 0.85, 0.9] });
const second = scoreRow({ case: "CT_a_2", dsc: [0.1, 0.2, 0.2, 0.4, 0.4, 0.5], seconds: [4, 1, 1, 1, 1, 3] });
const clicksOnly = scoreRow({
  case: "MR_b_1",
  modality: "MR",
  dataset: "MR_b",
  dsc: [null, 0.5, 0.5, 0.5, 0.5, 0.5],
  seconds: [null, 1, 1, 1, 1, 1],
});
const scores = scoresOf([first, second, clicksOnly]);

describe("the table by modality", () => {
  const table = modalityTable(scores, summarize(scores, 1));

  test("holds means over cases with intervals, and the clicks an object needs", () => {
    // Over all: DSC AUC (2.9 + 1.35 + 2.0) / 3 = 2.083; final (0.9 + 0.5 + 0.5) / 3 = 0.633.
    // The first object reaches 0.80 at click 3, 0.85 at click 4, 0.90 at click 5, the others never (6):
    // CT (3 + 6) / 2 = 4.5, (4 + 6) / 2 = 5.0, (5 + 6) / 2 = 5.5; all (3 + 6 + 6) / 3 = 5.0, 5.3, 5.7.
    const cells = table.rows.map(({ cells: row }) => row);
    expect(cells[0]!.slice(0, 4)).toEqual(["CT", "m", "2", "2.125 [1.350, 2.900]"]);
    expect(cells[0]!.slice(7)).toEqual(["4.5", "5.0", "5.5"]);
    expect(cells[1]!.slice(0, 4)).toEqual(["MR", "m", "1", "2.000 [2.000, 2.000]"]);
    expect(cells[2]![3]).toMatch(/^2\.083 \[/);
    expect(cells[2]![5]).toMatch(/^0\.633 \[/);
    expect(cells[2]!.slice(7)).toEqual(["5.0", "5.3", "5.7"]);
  });

  test("is aligned for a terminal", () => {
    const two = scoresOf([first, second]);
    const compact = modalityTable(two, summarize(two, 1), { intervals: false });
    expect(textTable(compact)).toMatchInlineSnapshot(`
      "Results by modality and model
      --------  -----  -----  -------  -------  ---------  ---------  ------  ------  ------
      modality  model  cases  DSC AUC  NSD AUC  DSC final  NSD final  NoC@80  NoC@85  NoC@90
      --------  -----  -----  -------  -------  ---------  ---------  ------  ------  ------
      CT        m          2    2.125    2.125      0.700      0.700     4.5     5.0     5.5
      --------  -----  -----  -------  -------  ---------  ---------  ------  ------  ------
      all       m          2    2.125    2.125      0.700      0.700     4.5     5.0     5.5
      --------  -----  -----  -------  -------  ---------  ---------  ------  ------  ------
      mean; AUC over five clicks, at most 4; NoC: clicks until an object's DSC reaches the target
      "
    `);
  });

  test("names a modality once when it has several models", () => {
    const two = scoresOf([first, { ...first, model: "other" }]);
    expect(modalityTable(two, summarize(two, 1)).rows.map(({ cells }) => cells.slice(0, 2))).toEqual([
      ["CT", "m"],
      ["", "other"],
      ["all", "m"],
      ["", "other"],
    ]);
  });
});

test("the table by dataset is Markdown people can paste", () => {
  expect(markdownTable(datasetTable(scores))).toMatchInlineSnapshot(`
    "### Results by dataset

    | dataset | model | cases | DSC AUC | NSD AUC | DSC final | NSD final |
    | --- | --- | ---: | ---: | ---: | ---: | ---: |
    | CT_a | m | 2 | 2.125 | 2.125 | 0.700 | 0.700 |
    | MR_b | m | 1 | 2.000 | 2.000 | 0.500 | 0.500 |
    "
  `);
});

test("a number that does not exist is 0 by dataset, and no case by modality", () => {
  const unknown = { ...second, dscAuc: null };
  const two = scoresOf([first, unknown]);
  expect(datasetTable(two).rows[0]!.cells[3]).toBe("1.450"); // (2.9 + 0) / 2
  expect(summarize(two, 1)[0]!.dscAuc.mean).toBeCloseTo(2.9, 12);
});

test("seconds are the median and the slowest case of each interaction", () => {
  // Box: 2 and 4 s, median 3; click 5: 1, 3 and 1 s, median 1. MR has no box.
  const rows = secondsTable(scores).rows.map(({ cells }) => [cells[1], cells[2], cells[7]]);
  expect(rows).toEqual([
    ["CT", "3.00 (4.00)", "2.00 (3.00)"],
    ["MR", "–", "1.00 (1.00)"],
    ["all", "3.00 (4.00)", "1.00 (3.00)"],
  ]);
});

test("published results stand below ours, marked as published and not comparable", () => {
  const table = publishedTable(summarize(scores, 1));
  expect(table.rows[0]!.cells).toEqual(["m", "this input, 3 cases", "2.083", "2.083", "0.633", "0.633"]);
  expect(table.rows.slice(1).every(({ cells }) => /^Table [45]/.test(cells[1]!))).toBe(true);
  expect(table.rows.map(({ cells }) => cells)).toContainEqual([
    "ahus (ENSAM)",
    "Table 5, coreset track",
    "2.404",
    "2.266",
    "0.627",
    "0.597",
  ]);
  expect(table.note).toMatch(/^Not comparable/);
});

test("Table 3 stands by modality beside ours", () => {
  const { rows } = validationTable(summarize(scores, 1));
  const cells = rows.map((row) => row.cells);
  expect(cells[0]!.slice(0, 2)).toEqual(["CT", "m"]);
  expect(cells.filter(([, , source]) => source === "published")).toHaveLength(2 * 4); // CT and MR, four models each
  expect(cells).toContainEqual(["", "ENSAM", "published", "1.840", "2.070", "0.450", "0.510"]);
});

test("LaTeX has its special signs escaped", () => {
  const table = {
    title: "50 % of a_b",
    columns: ["model", "DSC"],
    words: 1,
    rows: [{ cells: ["runs/a_1 & b", "0.5"] }],
  };
  expect(latexTable(table)).toMatchInlineSnapshot(`
    "\\begin{table}
      \\centering
      \\caption{50 \\% of a\\_b.}
      \\begin{tabular}{lr}
      \\toprule
      model & DSC \\\\
      \\midrule
      runs/a\\_1 \\& b & 0.5 \\\\
      \\bottomrule
      \\end{tabular}
    \\end{table}
    "
  `);
});

describe("comparing two models", () => {
  // Differences of the final DSC over four cases: +0.1, +0.2, +0.3, +0.4: mean +0.25. All four ranks are positive,
  // one of 2^4 = 16 ways, so Wilcoxon's two-sided p is 2 / 16 = 0.125.
  const pairs = [0.1, 0.2, 0.3, 0.4].flatMap((difference, i) => {
    const name = `CT_a_${i}`;
    const better = scoreRow({ case: name, model: "better", dsc: [0, 0.5, 0.5, 0.5, 0.5, 0.5 + difference] });
    return [better, scoreRow({ case: name, model: "worse", dsc: [0, 0.5, 0.5, 0.5, 0.5, 0.5] })];
  });
  const lonely = scoreRow({ case: "CT_a_9", model: "better", dsc: [1, 1, 1, 1, 1, 1] });

  test("uses the cases both have", () => {
    const comparisons = compareModels(scoresOf([...pairs, lonely]), ["better", "worse"], 1);
    const final = comparisons.find(({ metric, modality }) => metric === "dscFinal" && modality === "CT")!;
    expect(final.cases).toBe(4);
    expect(final.difference.mean).toBeCloseTo(0.25, 12);
    expect(final.signedRank).toMatchObject({ statistic: 0, pairs: 4, p: 0.125 });
    const row = comparisonTable(comparisons, ["better", "worse"]).rows[2]!;
    expect(row.cells.slice(0, 3)).toEqual(["", "DSC final", "4"]);
    expect(row.cells[3]).toMatch(/^\+0\.250 \[\+0\.\d{3}, \+0\.\d{3}\]$/);
    expect(row.cells[5]).toBe("0.125");
  });

  test("needs two models of the input", () => {
    expect(() => compareModels(scoresOf(pairs), ["better", "nobody"], 1)).toThrow(
      "--compare: expected two of better, worse, got nobody",
    );
    expect(() => compareModels(scoresOf(pairs), ["better"], 1)).toThrow("--compare: expected two models, got 1");
    expect(() => compareModels(scoresOf([lonely, pairs[1]!]), ["better", "worse"], 1)).toThrow(
      /expected cases that both/,
    );
  });

  test("is asked for with two words after one flag", () => {
    expect(spreadCompare(["--compare", "a", "b", "x.ndjson"])).toEqual([
      "--compare",
      "a",
      "--compare",
      "b",
      "x.ndjson",
    ]);
    expect(spreadCompare(["--compare", "a", "--table"])).toEqual(["--compare", "a", "--table"]);
    expect(spreadCompare(["--table"])).toEqual(["--table"]);
  });
});

describe("official tables", () => {
  test("are one file for one model, and one for each of several", () => {
    expect([...csvFiles(scoresOf([first]), "out/metrics.csv").keys()]).toEqual(["out/metrics.csv"]);
    const other = { ...first, model: "runs/b" };
    expect([...csvFiles(scoresOf([first, other]), "out/metrics.csv").keys()]).toEqual([
      "out/metrics.m.csv",
      "out/metrics.runs_b.csv",
    ]);
  });

  test("list cases by name with 0 for the box that a case has not", () => {
    const [, ...lines] = csvFiles(scoresOf([clicksOnly, first]), "m.csv")
      .get("m.csv")!
      .trim()
      .split("\n");
    expect(lines[0]).toMatch(/^CT_a_1\.npz,7\.0,2\.0,1\.0/); // 2 + 5 · 1 s
    expect(lines[1]).toMatch(/^MR_b_1\.npz,5\.0,0\.0,1\.0/);
  });
});
