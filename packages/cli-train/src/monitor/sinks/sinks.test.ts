import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runRow, stepRow, validationRow } from "../testing/rows.ts";
import { csvSink } from "./csvSink.ts";
import { exportCurves } from "./exportCurves.ts";
import { scalarsOf, tensorboardSink } from "./tensorboardSink.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ensam-sinks-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test("the table has a line for each step and validation, and begins anew with a new run", () => {
  const path = join(folder, "steps.csv");
  const sink = csvSink(path, 1)("a,b", 0);
  sink.take([runRow(), stepRow(1, { loss: 1.25, dsc: [0.5, null] })], false);
  sink.take([validationRow(1, [0.5, 0.75])], false);
  const lines = readFileSync(path, "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(3);
  const [names, step, validation] = lines.map((line) => line.replace('"a,b"', "name").split(","));
  const at = (values: string[] | undefined, name: string) => values?.[names!.indexOf(name)];
  expect([at(step, "run"), at(step, "loss"), at(step, "dscBox"), at(step, "dscClick1")]).toEqual([
    "name",
    "1.25",
    "0.5",
    "",
  ]);
  expect([at(validation, "type"), at(validation, "dscFinal")]).toEqual(["validation", "0.75"]);
  sink.take([runRow(), stepRow(1)], false);
  expect(readFileSync(path, "utf8").trimEnd().split("\n")).toHaveLength(2);
});

test("a file that is not such a table is left alone", () => {
  const path = join(folder, "letter.txt");
  writeFileSync(path, "Dear");
  expect(() => csvSink(path, 1)).toThrow("expected a new file or a table");
  expect(readFileSync(path, "utf8")).toBe("Dear");
});

test("event files are the same however the rows come", () => {
  const rows = [runRow(), ...[1, 2, 3].map((step) => stepRow(step)), validationRow(3, [0.1, 0.2])];
  tensorboardSink(folder, "whole").take(rows, false);
  const parts = tensorboardSink(folder, "parts");
  for (const row of rows) parts.take([row], false);
  const bytes = (name: string) => readFileSync(join(folder, name, "events.out.tfevents.0000000000.ensam"));
  expect(bytes("parts").equals(bytes("whole"))).toBe(true);
  expect(bytes("whole").includes("train/loss")).toBe(true);
});

test("values that do not exist give no scalars", () => {
  expect(scalarsOf({ type: "validation", step: 1, dscFinal: null, dsc: [null, 0.5] })).toEqual([
    ["validation/dsc/click1", 0.5],
  ]);
});

test("curves are exported as SVG; a log without steps is refused", async () => {
  const log = join(folder, "log.ndjson");
  writeFileSync(log, `${JSON.stringify(runRow())}\n`);
  await expect(exportCurves(log, "a", join(folder, "a.svg"))).rejects.toThrow("at least one step row");
  writeFileSync(log, [runRow(), stepRow(1), stepRow(2)].map((row) => JSON.stringify(row)).join("\n"));
  await exportCurves(log, "a", join(folder, "a.svg"));
  expect(readFileSync(join(folder, "a.svg"), "utf8")).toContain("<svg");
});
