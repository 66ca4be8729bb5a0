import { join } from "node:path";
import {
  type Context,
  ensureFolder,
  forEachCase,
  InputError,
  namedInputs,
  overwriteCheck,
  type ReadRow,
  readRows,
  rebaseRow,
  UsageError,
  writtenPath,
} from "@ensam/core/command";
import { removeTemporaryFiles, withDataFiles } from "@ensam/core/files";
import { openCasePool } from "./casePool.ts";
import { sidecarPath } from "./fingerprint.ts";
import { folderSources } from "./folderSources.ts";
import { npzPath, sourceOf } from "./makeCase.ts";
import type { PreprocessOptions } from "./options.ts";
import { startThroughput } from "./throughput.ts";

export interface SourceItem extends ReadRow<"source"> {
  /** What `--explain` prints when the case's turn comes. */
  notes: readonly string[];
  /** What is said of it in any case. */
  warnings?: readonly string[];
  /** Why it cannot be used, where that is known already. */
  readonly problem?: string;
}

/** Writes an npz and a case row for every source row, and returns the exit code. */
export async function prepareSources(context: Context<PreprocessOptions>): Promise<number> {
  const { out: folder, explain } = context.options;
  const { images } = context.options;
  if (folder === undefined && images !== undefined)
    return writeSources(context, await sourcesOfFolders(context, images));
  if (folder === undefined) throw new UsageError("--out: expected the folder for the npz files, got none");
  const inputs = [
    images,
    context.options.labels,
    images && join(images, "imagesTr"),
    images && join(images, "labelsTr"),
  ];
  if (inputs.includes(folder)) {
    // Next time they would be images too.
    throw new UsageError(
      `--out: expected a folder of its own for the npz files, got ${folder}, which holds the inputs`,
    );
  }
  context.rows.outlastReader(); // The npz files are what was asked for.
  const items = await readSources(context);
  refuseSameNames(items);
  await refuseInputsAsOutputs(context, items, folder);
  await ensureFolder(folder);
  await removeTemporaryFiles(folder);
  const pool = openCasePool(context.options.jobs);
  const throughput = startThroughput();
  const tally = await forEachCase(
    context,
    items,
    {
      onDone: ({ row, notes, warnings = [] }) => {
        for (const warning of warnings) context.log.warn(`${row.case}: ${warning}`);
        if (explain) for (const note of notes) context.log.info(`${row.case}: ${note}`);
      },
    },
    async (item) => {
      if (item.problem !== undefined) throw new InputError(item.problem);
      const { row, origin } = item;
      const made = await pool.run({ kind: "make", row, origin, folder, options: { ...context.options } });
      const { content, notes, warnings, npz } = made;
      item.notes = notes;
      item.warnings = warnings;
      const path = writtenPath(npz, context.options.relative);
      const { case: name, modality, dataset } = item.row;
      return { type: "case", case: name, modality, dataset, npz: path, ...content };
    },
  ).finally(pool.close);
  const rate = throughput(tally.done + tally.failed, context.options.jobs);
  if (rate !== undefined) context.note(rate);
  return tally.exitCode;
}

/** The sources of a run, from rows or from folders. */
export function readSources(context: Context<PreprocessOptions>): Promise<SourceItem[]> {
  const { images } = context.options;
  return images === undefined ? sourcesOfRows(context) : sourcesOfFolders(context, images);
}

async function sourcesOfRows(context: Context<PreprocessOptions>): Promise<SourceItem[]> {
  const items: SourceItem[] = [];
  for await (const item of readRows(context, context.positionals, ["source"])) items.push({ ...item, notes: [] });
  return items;
}

async function sourcesOfFolders(context: Context<PreprocessOptions>, images: string): Promise<SourceItem[]> {
  const { labels, modality, dataset, channel } = context.options;
  const { sources, notes } = await folderSources({ images, labels, modality, dataset, channel });
  for (const note of notes) context.log.warn(note);
  const origin = { file: images, folder: images };
  return sources.map((source, index) => ({ ...source, origin: { ...origin, line: index + 1 }, notes: [] }));
}

/** Without an output folder the source rows themselves are written, to be looked at and changed. */
async function writeSources(context: Context<PreprocessOptions>, items: readonly SourceItem[]): Promise<number> {
  refuseSameNames(items);
  const { relative } = context.options;
  const tally = await forEachCase(context, items, {}, async ({ row, origin, problem }) => {
    if (problem !== undefined) throw new InputError(problem);
    return rebaseRow(row, origin, relative);
  });
  return tally.exitCode;
}

function refuseSameNames(items: readonly SourceItem[]): void {
  const seen = new Map<string, SourceItem>();
  for (const item of items) {
    const first = seen.get(item.row.case);
    if (first !== undefined) {
      throw new InputError(
        `${place(item)}: case: expected a name of its own, got ${JSON.stringify(item.row.case)} as in ${place(first)}`,
      );
    }
    seen.set(item.row.case, item);
  }
}

/** All of them before the first is made: one case's output may be another's source. */
async function refuseInputsAsOutputs(
  context: Context<object>,
  items: readonly SourceItem[],
  folder: string,
): Promise<void> {
  const outputs = items.flatMap(({ row }) => [npzPath(folder, row.case), sidecarPath(folder, row.case)]);
  const check = overwriteCheck(outputs);
  check(namedInputs(context));
  for (const item of items) {
    const { imagePath, labelPath } = sourceOf(item);
    check(await withDataFiles([imagePath, labelPath]));
  }
}

function place({ origin }: SourceItem): string {
  return `${origin.file}:${origin.line}`;
}
