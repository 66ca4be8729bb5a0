import { cellsOf, fitted } from "./cells.ts";

export type Style = "plain" | "dim" | "bold" | "title" | "good" | "warning" | "bad" | "accent" | `curve${number}`;

/** Gives a text a style, or leaves it as it is where colours are not wanted. */
export type Paint = (style: Style, text: string) => string;

/** Codes of the 16 colours every terminal has, chosen by the user's own theme. */
const codes: Record<string, string> = {
  dim: "90",
  bold: "1",
  title: "1;36",
  good: "32",
  warning: "33",
  bad: "31",
  accent: "36",
};

/** Box, click 1, ... : from cold to warm, of the 256 colours. */
const curveCodes = ["38;5;33", "38;5;37", "38;5;71", "38;5;178", "38;5;208", "38;5;197"];

export const paintNothing: Paint = (_style, text) => text;

export const paintColours: Paint = (style, text) => {
  if (style === "plain" || text === "") return text;
  const code = style.startsWith("curve") ? curveCodes[Number(style.slice(5)) % curveCodes.length] : codes[style];
  return `\x1b[${code}m${text}\x1b[0m`;
};

export type Part = string | readonly [style: Style, text: string];

/** Parts of a line one after the other, in at most `width` cells. */
export function lineOf(paint: Paint, width: number, parts: readonly Part[]): string {
  let [line, left] = ["", width];
  for (const part of parts) {
    const [style, text] = typeof part === "string" ? (["plain", part] as const) : part;
    const fit = fitted(text, left);
    line += paint(style, fit);
    left -= cellsOf(fit);
    if (fit !== text) break;
  }
  return line;
}

/** The rule above a panel, with its title and a remark: `── loss 0.43 ─────`. */
export function titleLine(paint: Paint, width: number, title: string, remark: readonly Part[] = []): string {
  const remarks = remark.map((part) => (typeof part === "string" ? part : part[1])).join("");
  const used = 3 + cellsOf(title) + (remarks === "" ? 0 : 1 + cellsOf(remarks)) + 1;
  return lineOf(paint, width, [
    ["dim", "── "],
    ["title", title],
    ...(remarks === "" ? [] : [" ", ...remark]),
    ["dim", ` ${"─".repeat(Math.max(0, width - used))}`],
  ]);
}
