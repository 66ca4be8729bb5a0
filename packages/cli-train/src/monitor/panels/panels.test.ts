import { stripVTControlCharacters } from "node:util";
import { testSlice } from "@ensam/core/runs/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { afterLines } from "../state/afterLines.ts";
import { emptyState, type MonitorState } from "../state/monitorState.ts";
import { runRow, stepRow, validationRow } from "../testing/rows.ts";
import { layout, type PanelName } from "../view/layout.ts";
import { panels } from "../view/panels.ts";
import { brailleCanvas, brailleRow, drawLine, setDot } from "./braille.ts";
import { cellsOf, fitted, padLeft, printable } from "./cells.ts";
import { chart } from "./chart.ts";
import { halfBlocks, type Pixel } from "./halfBlocks.ts";
import { header } from "./header.ts";
import { durationWords, shortNumber } from "./numbers.ts";
import { paintColours, paintNothing } from "./paint.ts";

const busy: MonitorState = afterLines(emptyState, [
  runRow(),
  ...Array.from({ length: 200 }, (_, i) => stepRow(i + 1, { cases: ["漢字".repeat(40), "\x1b[31mred\x07"] })),
  validationRow(100, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]),
  validationRow(200, [0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
  { type: "checkpoint", step: 200, path: "runs/a/checkpoints/best.safetensors", kind: "best" },
  { type: "failure", case: "CT_9", stage: "sample", error: "line one\nline two \x1b[2Jgone" },
  { ...testSlice() },
]);

test("every panel fits its space, whatever the space and the state", () => {
  const names = fc.constantFrom(...(Object.keys(panels) as PanelName[]));
  const states = fc.constantFrom(emptyState, busy);
  fc.assert(
    fc.property(
      names,
      states,
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 40 }),
      (name, state, w, h) => {
        const lines = panels[name](state, w, h, paintColours);
        expect(lines.length).toBeLessThanOrEqual(Math.max(h, 2));
        for (const line of lines) expect(cellsOf(stripVTControlCharacters(line))).toBeLessThanOrEqual(w);
      },
    ),
    { numRuns: 500 },
  );
});

test("without colours there is no escape code in any panel or header", () => {
  const view = { name: "a\x1b[2J", state: busy, status: "running", lastRow: "just now" } as const;
  const lines = Object.values(panels).flatMap((panel) => panel(busy, 60, 12, paintNothing));
  for (const line of [...lines, ...header(view, 80, paintNothing)]) {
    expect([...line].every((character) => character >= " ")).toBe(true);
  }
});

test("a dot stands where it was set", () => {
  const canvas = brailleCanvas(2, 1);
  setDot(canvas, 0, 0, 0); // upper left dot of the first character: 0x01
  setDot(canvas, 3, 3, 1); // lower right dot of the second: 0x80
  setDot(canvas, 4, 0, 1); // outside
  expect(brailleRow(canvas, 0)).toEqual([
    { owner: 0, text: "\u2801" },
    { owner: 1, text: "\u2880" },
  ]);
});

test("a line has a dot in every column between its ends", () => {
  const canvas = brailleCanvas(2, 1);
  drawLine(canvas, [0, 3], [3, 0], 0);
  // rising by one dot per column: 0x40 | 0x20, then 0x02 | 0x08
  expect(brailleRow(canvas, 0)).toEqual([{ owner: 0, text: "\u2860\u280a" }]);
});

test("a chart has its highest value at the top and its last step at the right", () => {
  const points = [
    { x: 1, y: 0 },
    { x: 9, y: 1 },
  ];
  const curves = [{ points, style: "plain", drawn: "dots" }] as const;
  // 6 cells of labels, the axis, 8 cells = 16 dots: step 1 in the first, at the bottom; step 9 in the last, at the top.
  expect(chart(curves, { width: 15, height: 3, range: [0, 1] }, paintNothing)).toEqual([
    "     1┤       \u2808",
    "     0┤\u2840       ",
    "      └  step 9",
  ]);
});

test("half blocks show two pixels in a cell", () => {
  const pixel = (y: number): Pixel => ({ level: y, kind: y === 0 ? "image" : "hit" });
  const picture = { rows: 2, columns: 1, at: pixel };
  // black above = 232; hit at full level below: red and blue 3, green 5 = 16 + 108 + 30 + 3 = 157
  expect(halfBlocks(picture, 1, 1, true).lines).toEqual(["\x1b[38;5;232;48;5;157m▀\x1b[0m"]);
  expect(halfBlocks(picture, 1, 1, false).lines).toEqual(["#"]);
});

test("widths count cells, and cut text says so", () => {
  expect(cellsOf("漢字a")).toBe(5);
  expect(fitted("漢字a", 4)).toBe("漢…");
  expect(padLeft("ab", 4)).toBe("  ab");
  expect(printable("a\x1b[31m\nb")).toBe("a [31m b");
});

test("numbers and times are short", () => {
  expect([0, 0.00205, 1234, 12_345, 4_200_000, 1.2345, 3.14e-5, 999_950].map(shortNumber)).toEqual([
    "0",
    "0.00205",
    "1234",
    "12.3k",
    "4.2M",
    "1.23",
    "3.1e-5",
    "1M",
  ]);
  expect([-5, 59, 200, 1500, 7500, 273_600].map(durationWords)).toEqual([
    "0 s",
    "59 s",
    "3 min 20 s",
    "25 min",
    "2 h 5 min",
    "3 d 4 h",
  ]);
});

test("layouts fill their space exactly", () => {
  const sizes = fc.record({
    columns: fc.integer({ min: 20, max: 250 }),
    rows: fc.integer({ min: 1, max: 80 }),
    tableRows: fc.integer({ min: 2, max: 12 }),
    hasSlice: fc.boolean(),
  });
  fc.assert(
    fc.property(sizes, (size) => {
      const rows = layout(size);
      expect(rows.reduce((total, { height }) => total + height, 0)).toBe(size.rows);
      for (const { panels: shown } of rows) {
        expect(shown.reduce((total, { width }) => total + width, 2 * (shown.length - 1))).toBe(size.columns);
      }
    }),
  );
});
