import type { CheckRow } from "@ensam/core/command";

/** What each kind of problem is called in the table, the gravest first. */
const kinds: readonly (readonly [kind: string, title: string])[] = [
  ["unreadable", "cannot be read"],
  ["grid", "label map on another grid"],
  ["not-finite", "NaN or infinite voxels"],
  ["constant", "image of one value"],
  ["empty", "no labelled voxel"],
  ["touches-nothing", "labels where nothing is"],
  ["overflow", "labels over 255"],
  ["one-voxel", "objects of one voxel"],
  ["no-background", "no background"],
  ["no-label", "no label map"],
  ["no-voxel", "named labels without voxel"],
  ["no-name", "labels without name"],
  ["label-name", "label named otherwise"],
  ["name", "name clashes"],
  ["duplicate", "same content"],
  ["orientation", "other orientation"],
  ["spacing", "other voxel size"],
  ["guessed", "guessed by the reader"],
];
const shownCases = 3;

/** Lines for people: how many cases have which problem, with the first of them in words. */
export function checkTable(rows: readonly CheckRow[], cases: number, failed: number): string[] {
  const wrong = new Set(rows.filter(({ problems }) => problems.length > 0).map((row) => row.case));
  const lines = kinds.flatMap(([kind, title]) => {
    const having = rows.filter(({ problems }) => problems.some((problem) => problem.kind === kind));
    if (having.length === 0) return [];
    const shown = having.slice(0, shownCases).map((row) => {
      return `    ${row.case}: ${row.problems.find((problem) => problem.kind === kind)!.text}`;
    });
    const more = having.length > shownCases ? [`    and ${having.length - shownCases} more`] : [];
    return [`${String(having.length).padStart(6)}  ${title}`, ...shown, ...more];
  });
  const left = failed > 0 ? `, ${failed} left out` : "";
  const summary = `${cases} cases checked${left}: ${wrong.size === 0 ? "nothing is wrong" : `${wrong.size} have something wrong`}`;
  return [...(lines.length > 0 ? [" cases  problem", ...lines] : []), summary];
}
