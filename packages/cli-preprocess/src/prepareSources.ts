import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
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
  resolvePath,
  type SourceRow,
  takeLock,
  UsageError,
  writtenPath,
} from "@ensam/core/command";
import { removeTemporaryFiles, writeChallengeCase, writeFileAtomically } from "@ensam/core/files";
import { parseWindow, windows } from "@ensam/core/voxels";
import {
  type Fingerprint,
  fingerprint,
  readSidecar,
  type Sidecar,
  sameFingerprint,
  sidecarPath,
  sizeOf,
} from "./fingerprint.ts";
import { folderSources } from "./folderSources.ts";
import type { PreprocessOptions } from "./options.ts";
import { type PrepareRules, prepareCase, type Source } from "./prepareCase.ts";

/** Raised when what a sidecar holds, or how a case is prepared, changes: older outputs are then made again. */
const recipeVersion = 4;

interface SourceItem extends ReadRow<"source"> {
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
  context.rows.outlastReader(); // The npz files are what was asked for.
  const items = images === undefined ? await sourcesOfRows(context) : await sourcesOfFolders(context, images);
  refuseSameNames(items);
  refuseInputsAsOutputs(context, items, folder);
  await ensureFolder(folder);
  await removeTemporaryFiles(folder);
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
      const { content, notes, warnings, npz } = await upToDateCase(context, item, folder);
      item.notes = notes;
      item.warnings = warnings;
      const path = writtenPath(npz, context.options.relative);
      const { case: name, modality, dataset } = item.row;
      return { type: "case", case: name, modality, dataset, npz: path, ...content };
    },
  );
  return tally.exitCode;
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
function refuseInputsAsOutputs(context: Context<object>, items: readonly SourceItem[], folder: string): void {
  const outputs = items.flatMap(({ row }) => [npzPath(folder, row.case), sidecarPath(folder, row.case)]);
  const check = overwriteCheck(outputs);
  check(namedInputs(context));
  for (const item of items) {
    const { imagePath, labelPath } = sourceOf(item);
    check([imagePath, labelPath]);
  }
}

function npzPath(folder: string, name: string): string {
  return join(folder, `${name}.npz`);
}

function sourceOf({ row, origin }: SourceItem): Source {
  return {
    row,
    imagePath: resolvePath(origin, row.image),
    ...(row.label === undefined ? {} : { labelPath: resolvePath(origin, row.label) }),
  };
}

function place({ origin }: SourceItem): string {
  return `${origin.file}:${origin.line}`;
}

/** Returns the case made now, or as it was made before from the same inputs by the same rules. One process at a time looks. */
async function upToDateCase(context: Context<PreprocessOptions>, item: SourceItem, folder: string) {
  const lock = await takeLock(`${sidecarPath(folder, item.row.case)}.lock`, { beat: "timer", waits: true });
  try {
    return await makeUnlessUpToDate(context, item, folder);
  } finally {
    lock.release();
  }
}

async function makeUnlessUpToDate(context: Context<PreprocessOptions>, item: SourceItem, folder: string) {
  const { row } = item;
  const npz = npzPath(folder, row.case);
  const source = sourceOf(item);
  const rules = rulesOf(context.options, row);
  const madeFrom = await fingerprintOf(source, rules);
  const [before, bytes] = [await readSidecar(folder, row.case), await sizeOf(npz)];
  if (!context.options.overwrite && bytes !== undefined) {
    if (before === undefined || (before.bytes !== undefined && before.bytes !== bytes)) {
      throw new InputError(
        `${npz}: expected no file, or one made by this command, got another; --overwrite replaces it`,
      );
    }
    if (before.content !== undefined && sameFingerprint(before.madeFrom, madeFrom)) {
      const notes = [...(before.notes ?? []), "up to date, not made again"];
      return { content: before.content, npz, notes, warnings: before.warnings ?? [] };
    }
  }
  const prepared = await prepareCase(source, rules);
  // The sidecar comes first: if this run is stopped after the npz, the next one knows the file for its own.
  await writeSidecar(folder, row.case, { madeFrom });
  await writeChallengeCase(npz, prepared.npz);
  const { content, notes, warnings } = prepared;
  await writeSidecar(folder, row.case, { madeFrom, bytes: (await sizeOf(npz))!, content, notes, warnings });
  return { content, notes, warnings, npz };
}

function rulesOf(options: PreprocessOptions, row: SourceRow): PrepareRules {
  const { nan, passThrough, orientation, labelHeader, labelledSlices } = options;
  const text = row.window ?? options.window;
  const volume = row.volume ?? options.volume;
  const parsed = text === undefined ? windows.soft : parseWindow(text);
  if (parsed === undefined) {
    const names = Object.keys(windows).join(", ");
    throw new InputError(
      `window: expected one of ${names}, or width/level in HU such as 400/40, got ${JSON.stringify(text)}`,
    );
  }
  return {
    window: parsed,
    nanAsZero: nan === "zero",
    passThrough,
    orientation,
    ignoreLabelHeader: labelHeader === "ignore",
    labelledSlicesOnly: labelledSlices,
    ...(volume !== undefined && { volume }),
    dicom: { series: row.series ?? options.series, anyway: options.anyway },
  };
}

function fingerprintOf({ row, imagePath, labelPath }: Source, rules: PrepareRules): Promise<Fingerprint> {
  const { modality, dataset, labels, image_key, label_key } = row;
  const inputs = labelPath === undefined ? [imagePath] : [imagePath, labelPath];
  return fingerprint(inputs, { recipeVersion, modality, dataset, labels, image_key, label_key, ...rules });
}

async function writeSidecar(folder: string, name: string, sidecar: Sidecar): Promise<void> {
  const path = sidecarPath(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFileAtomically(path, new TextEncoder().encode(`${JSON.stringify(sidecar)}\n`));
}
