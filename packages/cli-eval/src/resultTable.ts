/** A table as text, whatever it is printed as. The first columns are words, the rest numbers. */
export interface ResultTable {
  readonly title: string;
  /** A sentence under the table. */
  readonly note?: string;
  readonly columns: readonly string[];
  /** How many of the first columns hold words. */
  readonly words: number;
  readonly rows: readonly ResultRow[];
}

export interface ResultRow {
  readonly cells: readonly string[];
  /** A rule above the row: another group starts. */
  readonly startsGroup?: boolean;
  /** The row to look at: ours among published ones, or the mean over all. */
  readonly isStrong?: boolean;
}

/** Returns the table for a terminal: aligned columns, words left, numbers right. */
export function textTable({ title, columns, words, rows, note }: ResultTable): string {
  const widths = columns.map((column, i) => Math.max(column.length, ...rows.map(({ cells }) => cells[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i < words ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  const rule = widths.map((width) => "-".repeat(width)).join("  ");
  const body = rows.flatMap(({ cells, startsGroup }, i) =>
    startsGroup && i > 0 ? [rule, line(cells)] : [line(cells)],
  );
  return `${[title, rule, line(columns), rule, ...body, rule, ...(note === undefined ? [] : [note])].join("\n")}\n`;
}

/** Returns the table as GitHub-flavoured Markdown. */
export function markdownTable({ title, columns, words, rows, note }: ResultTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const body = rows.map(({ cells, isStrong }) =>
    line(isStrong ? cells.map((cell) => (cell === "" ? "" : `**${cell}**`)) : cells),
  );
  const rule = `|${columns.map((_, i) => (i < words ? " --- " : " ---: ")).join("|")}|`;
  return `### ${title}\n\n${[line(columns), rule, ...body].join("\n")}\n${note === undefined ? "" : `\n${note}\n`}`;
}

/** Returns the table as LaTeX for the booktabs package. */
export function latexTable({ title, columns, words, rows, note }: ResultTable): string {
  const line = (cells: readonly string[]) => `  ${cells.map(escapeLatex).join(" & ")} \\\\`;
  const body = rows.flatMap(({ cells, startsGroup, isStrong }, i) => {
    const text = isStrong
      ? `  ${cells.map((cell) => (cell === "" ? "" : `\\textbf{${escapeLatex(cell)}}`)).join(" & ")} \\\\`
      : line(cells);
    return startsGroup && i > 0 ? ["  \\midrule", text] : [text];
  });
  const shape = columns.map((_, i) => (i < words ? "l" : "r")).join("");
  return [
    "\\begin{table}",
    "  \\centering",
    `  \\caption{${escapeLatex(title)}.${note === undefined ? "" : ` ${escapeLatex(note)}`}}`,
    `  \\begin{tabular}{${shape}}`,
    "  \\toprule",
    line(columns),
    "  \\midrule",
    ...body,
    "  \\bottomrule",
    "  \\end{tabular}",
    "\\end{table}",
    "",
  ].join("\n");
}

function escapeMarkdown(text: string): string {
  return text.replaceAll("|", "\\|");
}

function escapeLatex(text: string): string {
  return text
    .replaceAll("\\", "\\textbackslash ")
    .replaceAll(/[&%$#_{}]/g, (sign) => `\\${sign}`)
    .replaceAll("~", "\\textasciitilde ")
    .replaceAll("±", "$\\pm$")
    .replaceAll("–", "--");
}
