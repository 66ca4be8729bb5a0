import { expect, test } from "vitest";
import type { Scored } from "./datasetTable.ts";
import { curvesMarkdown, overallCurves } from "./overallCurves.ts";

const row = (name: string, dataset: string, dsc: (number | null)[], model = "m"): Scored => ({
  case: name,
  modality: dataset.slice(0, 2),
  dataset,
  dsc,
  model,
});

test("the mean is that of datasets and modalities; the interval comes of cases drawn within their dataset", () => {
  const rows = [row("a", "CT_A", [0, 0.5]), row("b", "CT_A", [1, 0.5]), row("c", "US_B", [0.5, 0.7])];
  const [curve] = overallCurves(rows, 400);
  expect(curve!.model).toBe("m");
  // CT: 0, 0.5 or 1 with 1/4, 1/2, 1/4; US always 0.5. So 0.25, 0.5 or 0.75.
  expect(curve!.points[0]).toEqual({ mean: 0.5, low: 0.25, high: 0.75 });
  expect(curve!.points[1]!.mean).toBeCloseTo(0.6, 12);
  expect(curve!.points[1]!.low).toBe(curve!.points[1]!.high);
});

test("models are compared on the same draws", () => {
  const rows = ["a", "b", "c", "d"].flatMap((name, i) => [
    row(name, "CT_A", [i / 4]),
    row(name, "CT_A", [i / 4], "other"),
  ]);
  const [one, other] = overallCurves(rows, 50);
  expect(one!.points).toEqual(other!.points);
  expect(one!.points[0]!.low).toBeLessThan(one!.points[0]!.high);
});

test("an interaction that a model had not is a dash", () => {
  const table = curvesMarkdown(
    "DSC",
    overallCurves([row("a", "CT_A", [null, 0.5]), row("a", "CT_A", [0.2, 0.4], "other")], 10),
  );
  expect(table.split("\n")).toEqual([
    "| DSC, all modalities | box | click 1 |",
    "| --- | --- | --- |",
    "| m | - | 0.500 (0.500 to 0.500) |",
    "| other | 0.200 (0.200 to 0.200) | 0.400 (0.400 to 0.400) |",
    "",
  ]);
});
