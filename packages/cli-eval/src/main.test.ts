import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PredictionRow, ScoreRow, SummaryRow } from "@ensam/core/command";
import { asLines, callCommand } from "@ensam/core/command/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { main } from "./main.ts";
import { goldenFolder, goldenPredictions, officialRows } from "./testing/goldenPredictions.ts";

const golden = goldenFolder();
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ensam-eval-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe.runIf(golden !== undefined)("the official evaluator's six cases", () => {
  let predictions: PredictionRow[];
  beforeAll(async () => {
    predictions = await goldenPredictions(golden!);
  });

  test("give the official CSV: DSC and AUC to the last bit, NSD within 1e-12", async () => {
    const csv = join(folder, "metrics.csv");
    const { code, error } = await callCommand(main, ["--csv", csv, "--quiet"], { input: asLines(predictions) });
    expect([code, error]).toEqual([0, ""]);
    const official = officialRows(golden!);
    const [header, ...lines] = (await readFile(csv, "utf8")).trim().split("\n");
    expect(header!.split(",")).toEqual(Object.keys(official[0]!));
    expect(lines.length).toBe(official.length);
    for (const [i, line] of lines.entries()) {
      const ours = Object.fromEntries(line.split(",").map((cell, k) => [header!.split(",")[k]!, cell]));
      for (const [column, value] of Object.entries(official[i]!)) {
        if (/^NSD/.test(column)) expect(Number(ours[column])).toBeCloseTo(Number(value), 12);
        else expect(`${column} ${ours[column]}`).toBe(`${column} ${value}`); // times too: they were taken from the rows
      }
    }
  });

  test("give the official values of every class after every call", async () => {
    const { rows } = await callCommand(main, ["--quiet"], { input: asLines(predictions) });
    const perClass = JSON.parse(await readFile(join(golden!, "expected", "per_class.json"), "utf8"));
    for (const score of rows.filter(({ type }) => type === "score") as unknown as ScoreRow[]) {
      const calls = perClass[`${score.case}.npz`].per_call as { label: number; dsc: number; nsd: number }[][];
      const hasBox = calls.length === 6;
      expect(score.dsc[0] === null).toBe(!hasBox);
      for (const [k, call] of calls.entries()) {
        const place = hasBox ? k : k + 1;
        const ours = score.classes.map(({ label, dsc }) => ({ label, dsc: dsc[place] }));
        expect(ours).toEqual(call.map(({ label, dsc }) => ({ label, dsc })));
        for (const [i, { nsd }] of call.entries()) expect(score.classes[i]!.nsd[place]).toBeCloseTo(nsd, 12);
      }
    }
  });

  test("have another NSD with the physical spacing where voxels are anisotropic, and the same DSC", async () => {
    const input = asLines(predictions.slice(0, 1)); // stored spacing (0.8, 0.8, 2.5)
    const scoreOf = async (rule: string) => {
      const { rows } = await callCommand(main, ["--quiet", "--spacing", rule], { input });
      return rows[0] as unknown as ScoreRow;
    };
    const [challenge, physical] = [await scoreOf("challenge"), await scoreOf("physical")];
    expect(physical.dsc).toEqual(challenge.dsc);
    expect(physical.nsdFinal).not.toBeCloseTo(challenge.nsdFinal!, 3);
  });

  test("score 0 past the time limit, and say so", async () => {
    const slow = { ...predictions[0]!, seconds: [45, 45, 45, 45, 45, 46] }; // 271 s for 3 labels; 3 · 90 = 270
    const { rows } = await callCommand(main, ["--quiet"], { input: asLines([slow]) });
    expect(rows[0]).toMatchObject({ timedOut: true, dscAuc: 0, nsdFinal: 0, dsc: [0, 0, 0, 0, 0, 0] });
    const kept = await callCommand(main, ["--quiet", "--time-limit", "91"], { input: asLines([slow]) });
    expect(kept.rows[0]).toMatchObject({ timedOut: false, dscFinal: 0.635705356483944 });
  });

  test("are summarized per modality and over all: the mean of two CT values is between them", async () => {
    const twice = [predictions[0]!, { ...predictions[1]!, modality: "CT" as const }];
    const { rows } = await callCommand(main, ["--quiet"], { input: asLines(twice) });
    const [a, b] = rows as unknown as ScoreRow[];
    const summaries = rows.slice(2) as unknown as SummaryRow[];
    expect(summaries.map(({ modality, cases }) => [modality, cases])).toEqual([
      ["CT", 2],
      ["all", 2],
    ]);
    const { mean, low, high } = summaries[0]!.dscFinal;
    expect(mean).toBeCloseTo((a!.dscFinal! + b!.dscFinal!) / 2, 15);
    expect([low, high]).toEqual([Math.min(a!.dscFinal!, b!.dscFinal!), Math.max(a!.dscFinal!, b!.dscFinal!)]);
  });

  test("come out in the order of the input and with the same bytes for -j 4", async () => {
    const one = await callCommand(main, ["--quiet"], { input: asLines(predictions) });
    const four = await callCommand(main, ["--quiet", "-j", "4"], { input: asLines(predictions) });
    expect(four.output).toBe(one.output);
  });
});

describe("what goes wrong", () => {
  const row: PredictionRow = {
    type: "prediction",
    case: "CT_x_1",
    modality: "CT",
    dataset: "CT_x",
    npz: "x.npz",
    shape: [1, 1, 1],
    spacing: [1, 1, 1],
    labels: { "1": { voxels: 1 } },
    model: "m",
    prediction: "missing.npz",
    truth: "x.npz",
    seconds: [1, 1, 1, 1, 1, 1],
    hasBox: true,
    clicks: {},
  };

  test("a missing file costs its case and names the file", async () => {
    const { code, rows, error } = await callCommand(main, [], { input: asLines([row]), cwd: folder });
    expect(code).toBe(3);
    expect(rows[0]).toMatchObject({ type: "failure", case: "CT_x_1", stage: "eval" });
    expect(error).toContain("x.npz");
  });

  test("a case row without a prediction becomes a failure row", async () => {
    const {
      type: _,
      model: __,
      prediction: ___,
      truth: ____,
      seconds: _____,
      hasBox: ______,
      clicks: _______,
      ...fields
    } = row;
    const failure = { type: "failure", case: "MR_y", stage: "simulate", error: "the predictor crashed" };
    const input = asLines([{ ...fields, type: "case" }, { ...fields, case: "MR_y", type: "case" }, failure]);
    const { code, rows } = await callCommand(main, ["--quiet"], { input });
    expect(code).toBe(3);
    expect(rows).toEqual([
      failure,
      { type: "failure", case: "CT_x_1", stage: "eval", error: "expected a prediction, got none" },
    ]);
  });

  test("no rows at all is an input error, a row of another type too", async () => {
    expect(await callCommand(main, [], {})).toMatchObject({
      code: 3,
      error: "ensam-eval: stdin: expected at least one case, got none\n",
    });
    const source = { type: "source", case: "a", modality: "CT", dataset: "d", image: "a.nii" };
    const { code, error } = await callCommand(main, [], { input: asLines([source]) });
    expect(code).toBe(3);
    expect(error).toMatch(/stdin:1: type: expected one of prediction, score/);
  });
});

test("--help defines every number shown", async () => {
  const { code, output } = await callCommand(main, ["--help"]);
  expect(code).toBe(0);
  for (const term of [
    "DSC:",
    "NSD:",
    "Spacing:",
    "AUC:",
    "from 0 to 4",
    "within 2 mm",
    "Final:",
    "NoC@80",
    "Time limit:",
    "90 s",
  ]) {
    expect(output.replaceAll(/\s+/g, " ")).toContain(term);
  }
});
