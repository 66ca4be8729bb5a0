import { expect, test } from "vitest";
import { datasetTable, markdownTable, type Scored } from "./datasetTable.ts";

const row = (modality: string, dataset: string, dsc: (number | null)[], model = "m"): Scored => ({
  case: "c",
  modality,
  dataset,
  dsc,
  model,
});
const rows = [
  row("CT", "CT_A", [0.2, 0.4, 0.6]),
  row("CT", "CT_A", [0.4, 0.6, 0.8]),
  row("CT", "CT_B", [0.9, 0.9, 0.9]),
  row("US", "US_C", [null, 0.1, 0.3]),
  row("CT", "CT_B", [0.5, 0.5, 0.5], "other"),
];

test("cases count within their dataset, datasets within their modality, modalities alike", () => {
  const lines = new Map(
    datasetTable(rows).map((line) => [line.dataset === "all datasets" ? line.modality : line.dataset, line]),
  );
  const dsc = (name: string) =>
    lines
      .get(name)!
      .dsc.get("m")!
      .map((value) => value && Number(value.toFixed(4)));
  expect(dsc("CT_A")).toEqual([0.3, 0.5, 0.7]);
  // (0.3 + 0.9) / 2, (0.5 + 0.9) / 2, (0.7 + 0.9) / 2
  expect(dsc("CT")).toEqual([0.6, 0.7, 0.8]);
  // US has no box: (0.6) / 1, (0.7 + 0.1) / 2, (0.8 + 0.3) / 2
  expect(dsc("all modalities")).toEqual([0.6, 0.4, 0.55]);
  expect(lines.get("CT")!.cases).toBe(3);
  expect(lines.get("CT")!.dsc.get("other")).toEqual([0.5, 0.5, 0.5]);
});

test("the table says box, first and last click of each model, and a dash where there is none", () => {
  expect(markdownTable(datasetTable(rows)).split("\n")[2]).toBe("| CT | CT_A | 2 | 0.300, 0.500, 0.700 | -, -, - |");
});
