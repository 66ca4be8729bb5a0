import { expect, test } from "vitest";
import { terminalSvg } from "./terminalSvg.ts";

test("text keeps its place, colour and weight; more than one blank parts it", () => {
  const svg = terminalSvg("a <b\x1b[1;36mc\x1b[0m   d\n \x1b[38;5;33me f\x1b[0m", "view");
  const texts = [
    ...svg.matchAll(/<text x="(\d+)" y="(\d+)" textLength="(\d+)" fill="(#\w+)"(.*?) xml.*?>(.*)<\/text>/g),
  ];
  expect(texts.map(([, x, y, length, fill, bold, text]) => [x, y, length, fill, bold, text])).toEqual([
    ["14", "42", "32", "#c5c8c6", "", "a &lt;b"],
    ["46", "42", "8", "#5cc8c0", ' font-weight="bold"', "c"],
    ["78", "42", "8", "#c5c8c6", "", "d"],
    ["22", "58", "24", "#0087ff", "", "e f"],
  ]);
});

test("half blocks are two squares, braille is dots, and neither is text", () => {
  const svg = terminalSvg("\x1b[38;5;232;48;5;255m▀\x1b[0m\u2881", "view");
  expect(svg).toContain('<path fill="#080808" d="M14 30h8v8h-8z"/>');
  expect(svg).toContain('<path fill="#eeeeee" d="M14 38h8v8h-8z"/>');
  // Bit 0 is the left column's first dot, bit 7 the right column's last.
  expect(svg).toContain('stroke-linecap="round" d="M24 32h0M28 44h0"/>');
  expect(svg).not.toContain("<text");
});

test("a code that is neither colour nor weight is no picture", () => {
  expect(() => terminalSvg("\x1b[7mx", "view")).toThrow("expected codes of colours and bold, got 7");
});
