import {
  allowedCases,
  type Context,
  exitCodes,
  InputError,
  nearestName,
  noCases,
  plainText,
  readRows,
  rebaseRow,
  tightenHeap,
  UsageError,
} from "@ensam/core/command";
import { type Candidate, chooseCases } from "./chooseCases.ts";
import { keepRows } from "./keptRows.ts";
import type { CoresetOptions } from "./options.ts";
import { reportLines } from "./report.ts";

/** Reads case rows, writes the chosen ones, and returns the exit code. */
export async function writeCoreset(context: Context<CoresetOptions>): Promise<number> {
  const { budget, excludeDataset, excludeModality, fill, seed, report, relative } = context.options;
  tightenHeap();
  const kept = keepRows();
  const candidates: Candidate[] = [];
  const datasets = new Map<string, string>(); // One string for each: rows bring a copy of their own.
  for await (const item of readRows(context, context.positionals, ["case"])) {
    const { case: name, modality, dataset } = item.row;
    if (!datasets.has(dataset)) datasets.set(dataset, dataset);
    candidates.push({ case: name, modality, dataset: datasets.get(dataset)! });
    kept.add(item);
  }
  if (candidates.length === 0) throw noCases(context);
  const allowed = allowedCases(budget, candidates.length);
  if (allowed === 0) {
    throw new UsageError(`--budget: expected at least one case, got ${budget} of ${candidates.length} cases`);
  }
  noteUnknown(context, excludeDataset, candidates);
  const choice = chooseCases(candidates, {
    budget: allowed,
    fill,
    excludeDatasets: excludeDataset,
    excludeModalities: excludeModality,
    seed,
  });
  if (report)
    for (const line of reportLines(candidates, choice, allowed)) context.streams.error.write(`${plainText(line)}\n`);
  if (choice.leftOut.every((reason) => reason !== undefined)) {
    throw new InputError(`expected at least one case besides those left out, got none of ${candidates.length}`);
  }
  let chosen = 0;
  for (const { row, origin } of kept.wanted((position) => choice.leftOut[position] === undefined)) {
    await context.rows.write(rebaseRow(row, origin, relative));
    chosen += 1;
  }
  const isShort = !fill && chosen < allowed && choice.leftOut.some((reason) => reason?.startsWith("over the ceiling"));
  const rest = isShort ? "; --fill uses the rest" : "";
  context.note(
    `${context.name}: chose ${chosen} of ${candidates.length} cases (budget ${allowed}, seed ${seed}${rest})`,
  );
  return exitCodes.done;
}

/** An exclusion that meets no dataset is most often a misspelling. */
function noteUnknown(
  context: Context<CoresetOptions>,
  excluded: readonly string[],
  candidates: readonly Candidate[],
): void {
  const datasets = [...new Set(candidates.map(({ dataset }) => dataset))];
  for (const name of excluded.filter((dataset) => !datasets.includes(dataset))) {
    const near = nearestName(name, datasets);
    context.log.warn(
      `--exclude-dataset: no case is of dataset ${name}${near === undefined ? "" : `; did you mean ${near}?`}`,
    );
  }
}
