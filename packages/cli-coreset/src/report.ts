import type { Candidate, Choice } from "./chooseCases.ts";

/** Returns the report: a line per dataset with what it had, gave and why, the total, and a line per case left out. */
export function reportLines(candidates: readonly Candidate[], choice: Choice, budget: number): string[] {
  const datasets = [...new Set(candidates.map(({ dataset }) => dataset))].sort();
  const rows = datasets.map((dataset) => datasetRow(dataset, candidates, choice));
  const gave = choice.leftOut.filter((reason) => reason === undefined).length;
  const total = ["total", String(candidates.length), String(gave), totalWords(choice.ceiling, budget)];
  const others = candidates.flatMap(({ case: name }, index) => {
    const reason = choice.leftOut[index];
    return reason === undefined ? [] : [`left out: ${name}: ${reason}`];
  });
  return [...table([["dataset", "had", "gave", "why"], ...rows, total]), ...others];
}

function datasetRow(dataset: string, candidates: readonly Candidate[], { ceiling, leftOut }: Choice): string[] {
  const reasons = leftOut.filter((_, index) => candidates[index]!.dataset === dataset);
  const gave = reasons.filter((reason) => reason === undefined).length;
  const excluded = reasons.find((reason) => reason?.endsWith("is excluded"));
  const why =
    excluded !== undefined
      ? excluded
      : gave === reasons.length
        ? "all it has"
        : `ceiling ${ceiling}, chosen by the seed`;
  return [dataset, String(reasons.length), String(gave), why];
}

function totalWords(ceiling: number, budget: number): string {
  return Number.isFinite(ceiling) ? `budget ${budget}, so a ceiling of ${ceiling}` : `budget ${budget}, all fit`;
}

/** Returns lines with the columns under each other; numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => (/^\d+$/.test(cell) ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
      .join("  ")
      .trimEnd(),
  );
}
