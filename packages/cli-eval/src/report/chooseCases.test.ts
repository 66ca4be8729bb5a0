import type { ScoreRow } from "@ensam/core/command";
import { expect, test } from "vitest";
import type { Picturable } from "../evaluation.ts";
import { scoreRow } from "../testing/scoreRow.ts";
import { chooseCases } from "./chooseCases.ts";

function item(name: string, dscAuc: number, classes?: ScoreRow["classes"], model = "m"): Picturable {
  const score = scoreRow({ case: name, model, dscAuc, dsc: [0, 0, 0, 0, 0, 0], ...(classes && { classes }) });
  return { score, row: {} as Picturable["row"], npz: "", prediction: "", truth: "" };
}

test("best, median and worst are by DSC AUC; of four cases the median is the second from below", () => {
  const shown = chooseCases([item("a", 1), item("b", 4), item("c", 2), item("d", 3)]);
  expect(shown.map(({ place, byModel }) => [place, byModel[0]!.score.case])).toEqual([
    ["best", "b"],
    ["median", "c"],
    ["worst", "a"],
  ]);
});

test("one or two cases are shown once each", () => {
  expect(chooseCases([item("a", 1)]).map(({ place }) => place)).toEqual(["only"]);
  expect(chooseCases([item("a", 1), item("b", 2)]).map(({ place }) => place)).toEqual(["best", "worst"]);
  expect(chooseCases([])).toEqual([]);
});

test("the best case shows its best object, the worst its worst", () => {
  const flat = (label: number, dsc: number) => ({ label, dsc: [0, dsc, dsc, dsc, dsc, dsc], nsd: [0, 0, 0, 0, 0, 0] });
  const classes = [flat(3, 0.5), flat(7, 0.9), flat(9, 0.1)];
  const shown = chooseCases([item("a", 1, classes), item("b", 2, classes)]);
  expect(shown.map(({ label }) => label)).toEqual([7, 9]);
});

test("with several models a case counts by its mean, and only if all have it", () => {
  // a: (1 + 2) / 2 = 1.5; b: (3 + 1) / 2 = 2; c is the first model's alone.
  const items = [item("a", 1), item("b", 3), item("c", 9), item("a", 2, undefined, "n"), item("b", 1, undefined, "n")];
  const shown = chooseCases(items);
  expect(shown.map(({ byModel }) => byModel.map(({ score }) => `${score.model} ${score.case}`))).toEqual([
    ["m b", "n b"],
    ["m a", "n a"],
  ]);
});
