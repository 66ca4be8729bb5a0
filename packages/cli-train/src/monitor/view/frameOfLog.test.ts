import { readFileSync } from "node:fs";
import { testSlice } from "@ensam/core/runs/testing";
import { expect, test } from "vitest";
import { runRow, stepRow, validationRow } from "../testing/rows.ts";
import { frameOfLog } from "./frameOfLog.tsx";

const rows = [runRow(), stepRow(1), stepRow(2), validationRow(2, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), testSlice()];
const frame = frameOfLog(
  rows.map((row) => JSON.stringify(row)),
  { name: "phantoms", columns: 124, rows: 38 },
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes
const plain = frame.replaceAll(/\x1b\[[\d;]*m/g, "").split("\n");

test("a frame is the training view of a run under way", () => {
  expect(plain).toHaveLength(37);
  expect(plain[0]).toMatch(/^ENSAM {2}phantoms {2}tiny .* training$/);
  expect(frame).toContain("\x1b[38;5;34m\x1b[48;5;34m▀▀");
});

test("docs/monitor.svg shows the keys that the view has today", () => {
  const svg = readFileSync(new URL("../../../../../docs/monitor.svg", import.meta.url), "utf8");
  const texts = [...svg.matchAll(/<text x="\d+" y="(\d+)".*>(.*)<\/text>/g)];
  const lowest = Math.max(...texts.map(([, y]) => Number(y)));
  const keys = texts.filter(([, y]) => Number(y) === lowest).map(([, , text]) => text);
  expect(keys.join(" ")).toBe(plain.at(-1)!.trim().replaceAll(/ +/g, " "));
});
