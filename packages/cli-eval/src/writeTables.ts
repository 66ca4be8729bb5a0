import { dirname } from "node:path";
import { type Context, ensureFolder, ensureWritable, overwriteCheck } from "@ensam/core/command";
import { writeFileAtomically } from "@ensam/core/files";
import { csvFiles } from "./csv.ts";
import { definitions } from "./definitions.ts";
import type { Evaluation } from "./evaluation.ts";
import type { EvalOptions } from "./options.ts";
import { latexTable, markdownTable, type ResultTable, textTable } from "./resultTable.ts";
import { comparisonTable, datasetTable, modalityTable, publishedTable, secondsTable } from "./tables.ts";

/** Whether there is more to write than rows. */
export function asksForFiles({ csv, markdown, latex, report, figures }: EvalOptions): boolean {
  return [csv, markdown, latex, report, figures].some((path) => path !== undefined);
}

/** Refuses files that could not be written, before anything is scored. */
export async function checkFiles({ options }: Context<EvalOptions>): Promise<void> {
  for (const path of [options.csv, options.markdown, options.latex, options.report]) {
    if (path !== undefined) await ensureWritable(path);
  }
}

/**
 * Writes the files that were asked for.
 *
 * @param inputs  what was read: no model's own CSV file may be one of these
 */
export async function writeFiles(
  context: Context<EvalOptions>,
  evaluation: Evaluation,
  inputs: readonly string[],
): Promise<void> {
  const { csv, markdown, latex, report, figures, figureCases } = context.options;
  if (csv !== undefined) {
    const tables = csvFiles(evaluation.scores, csv);
    overwriteCheck(tables.keys())(inputs);
    for (const [path, text] of tables) await writeText(path, text);
  }
  if (markdown !== undefined) await writeText(markdown, markdownPage(evaluation));
  if (latex !== undefined) await writeText(latex, allTables(evaluation).map(latexTable).join("\n"));
  if (report !== undefined) {
    const { reportPage } = await import("./report/reportPage.ts"); // Charts and pictures take a while to load.
    await writeText(report, await reportPage(evaluation, context.log));
  }
  if (figures !== undefined) {
    const { writeFigures } = await import("./report/figures.ts");
    await writeFigures(figures, figureCases, evaluation.picturable, context);
  }
}

/** Returns the table for a terminal, without intervals where they do not fit. */
export function terminalTables({ scores, summaries, comparisons, compared }: Evaluation, columns = Infinity): string {
  const wide = textTable(modalityTable(scores, summaries));
  const fits =
    Math.max(
      ...wide
        .split("\n")
        .slice(1, 3)
        .map((line) => line.length),
    ) <= columns;
  const main = fits ? wide : textTable(modalityTable(scores, summaries, { intervals: false }));
  return comparisons.length === 0 ? main : `${main}\n${textTable(comparisonTable(comparisons, compared))}`;
}

/** All tables, in the order of the report. */
export function allTables({ scores, summaries, comparisons, compared }: Evaluation): ResultTable[] {
  return [
    modalityTable(scores, summaries),
    ...(comparisons.length === 0 ? [] : [comparisonTable(comparisons, compared)]),
    publishedTable(summaries),
    datasetTable(scores),
    secondsTable(scores),
  ];
}

function markdownPage(evaluation: Evaluation): string {
  const words = definitions(evaluation.rules).map(({ term, meaning }) => `- **${term}**: ${meaning}`);
  return `${allTables(evaluation).map(markdownTable).join("\n")}\n### What the numbers mean\n\n${words.join("\n")}\n`;
}

async function writeText(path: string, text: string): Promise<void> {
  await ensureFolder(dirname(path));
  await writeFileAtomically(path, new TextEncoder().encode(text));
}
