import type { ScoreRow } from "@ensam/core/command";
import { describe, expect, test } from "vitest";
import { scoreColumns } from "./scoreColumns.ts";
import type { Scores } from "./scores.ts";
import { scoreRow } from "./testing/scoreRow.ts";
import { scoresOf } from "./testing/scoresOf.ts";

const dsc = [null, 0.1, 0.2, 0.3, 0.4, 0.5];
const row = (model: string, name: string, fields: Partial<ScoreRow> = {}) =>
  scoreRow({ model, case: name, dsc, ...fields });
const namesOf = (scores: Scores) => Array.from(scores, (score) => `${score.model} ${score.case}`);

const rows = [
  row("z", "CT_b"),
  row("a", "CT_b", { timedOut: true }),
  row("z", "MR_a", { modality: "MR", dataset: "MR_set", seconds: [null, 1, 2, 3, 4, 5] }),
  row("z", "CT_a"),
  row("a", "CT_c"),
];

describe("score columns", () => {
  test("know the pairs of model and case that came", () => {
    const columns = scoreColumns({ exact: false });
    expect(columns.has("z", "CT_b")).toBe(false);
    for (const one of rows) columns.add(one);
    expect(rows.every((one) => columns.has(one.model, one.case) && columns.hasCase(one.case))).toBe(true);
    for (const [model, name] of [
      ["a", "CT_a"],
      ["z", "CT_c"],
      ["a", "MR_a"],
      ["CT_b", "z"],
      ["z", "CT_"],
    ] as const) {
      expect([model, name, columns.has(model, name)]).toEqual([model, name, false]);
    }
    expect(columns.hasCase("CT_")).toBe(false);
  });

  test("give scores back by model as they came and by case, whatever the order of rows", () => {
    const want = ["z CT_a", "z CT_b", "z MR_a", "a CT_b", "a CT_c"];
    expect(namesOf(scoresOf(rows))).toEqual(want);
    expect(namesOf(scoresOf([rows[2]!, rows[4]!, rows[3]!, rows[0]!, rows[1]!]))).toEqual(want);
  });

  test("keep what a row holds", () => {
    const [, , third, fourth] = scoresOf(rows);
    const { classes: _, type: __, ...same } = rows[2]!;
    for (const [key, value] of Object.entries(same)) expect([key, third![key as "dsc"]]).toEqual([key, value]);
    expect([third!.objects, third!.timedOut, fourth!.timedOut]).toEqual([1, false, true]);
  });

  test("make columns: NaN for what does not exist", () => {
    const scores = scoresOf(rows);
    expect(scores.column("seconds", 0)).toEqual(Float64Array.of(2, 2, Number.NaN, 2, 2));
    expect(scores.column("seconds", 5)).toEqual(Float64Array.of(1, 1, 5, 1, 1));
    expect(scores.column("dsc", 3)).toEqual(new Float64Array(5).fill(0.3));
    expect(scores.column("dscFinal")).toEqual(new Float64Array(5).fill(0.5));
    expect(scores.column("objects")).toEqual(new Float64Array(5).fill(1));
    expect(scores.column("clicksNeeded", 2)).toEqual(new Float64Array(5).fill(6)); // Never 0.9.
  });

  test("are grouped in the order in which groups come", () => {
    const scores = scoresOf(rows);
    const groups = (key: "model" | "modality" | "dataset") =>
      Array.from(scores.by(key), ([word, group]) => [word, namesOf(group)]);
    expect(groups("model")).toEqual([
      ["z", ["z CT_a", "z CT_b", "z MR_a"]],
      ["a", ["a CT_b", "a CT_c"]],
    ]);
    expect(groups("modality").map(([word]) => word)).toEqual(["CT", "MR"]);
    expect(groups("dataset")[1]).toEqual(["MR_set", ["z MR_a"]]);
    expect(namesOf(scores.by("model").get("a")!.by("modality").get("CT")!)).toEqual(["a CT_b", "a CT_c"]);
  });

  test("find the same cases of another model, in its order, and each case once", () => {
    const scores = scoresOf(rows);
    const [z, a] = [scores.by("model").get("z")!, scores.by("model").get("a")!];
    expect(namesOf(z.ofCasesOf(a))).toEqual(["z CT_b"]);
    expect(namesOf(a.ofCasesOf(scores.by("modality").get("CT")!.by("model").get("z")!))).toEqual(["a CT_b"]);
    expect(namesOf(scores.oncePerCase())).toEqual(["z CT_a", "z CT_b", "z MR_a", "a CT_c"]);
  });

  test("above 100,000 rows lose digits of what is only drawn, unless told to keep them, and no dataset", () => {
    for (const exact of [true, false]) {
      const columns = scoreColumns({ exact });
      const one = row("m", "", { seconds: [0.1, 0.1, 0.1, 0.1, 0.1, 0.1], dscAuc: 0.1 });
      for (let i = 0; i < 120_000; i++)
        columns.add({ ...one, case: `CT_${String(i).padStart(6, "0")}`, dataset: `CT_${i}` });
      const scores = columns.sorted();
      expect([...scores.by("dataset").keys()].at(-1)).toBe("CT_119999");
      expect(scores.column("dscAuc").every((value) => value === 0.1)).toBe(true);
      const seconds = scores.column("seconds", 0);
      expect([seconds[0], seconds[99_999], seconds[119_999]]).toEqual([0.1, 0.1, exact ? 0.1 : Math.fround(0.1)]);
    }
  });
});
