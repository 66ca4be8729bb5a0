import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import {
  type CaseRow,
  type Context,
  forEachCase,
  InputError,
  type Modality,
  readRows,
  rebaseRow,
  resolvePath,
  writtenPath,
} from "@ensam/core/command";
import { listNpzFiles, readChallengeCase, readNpz } from "@ensam/core/files";
import { modalityOf, type NamedOrigin, originOfName } from "./challengeNames.ts";
import { labelGrid } from "./labelGrid.ts";
import type { PreprocessOptions } from "./options.ts";

/** Writes a case row for every npz file in a folder and below, and returns the exit code. */
export async function indexFolder(context: Context<PreprocessOptions>, folder: string): Promise<number> {
  const { modality, relative, explain } = context.options;
  const { files, notes: links } = await listNpzFiles(folder);
  for (const note of links) context.log.warn(note);
  if (files.length === 0) throw new InputError(`${folder}: expected npz files, got none`);
  const items = files.map((path) => ({ path, case: basename(path, ".npz"), notes: [] as readonly string[] }));
  const knownRow = await knownRows(context);
  const tally = await forEachCase(
    context,
    items,
    {
      onDone: ({ case: name, notes }) => {
        if (explain) for (const note of notes) context.log.info(`${name}: ${note}`);
      },
    },
    async (item) => {
      const before = await knownRow(item.path);
      if (before !== undefined) return before;
      const origin = originOf(item.path, modality);
      const { imgs, gts, spacing } = await readCase(item.path);
      const labels = gts === undefined ? { labels: {}, notes: ["labels: the file has no gts"] } : labelGrid(gts);
      item.notes = [`read: ${imgs.shape.join(" x ")} voxels (z, y, x); ${origin.why}`, ...labels.notes];
      const npz = writtenPath(item.path, relative);
      const { modality: kind, dataset } = origin;
      return {
        type: "case",
        case: item.case,
        modality: kind,
        dataset,
        npz,
        shape: [...imgs.shape] as [number, number, number],
        spacing: [...spacing] as [number, number, number],
        labels: labels.labels,
      };
    },
  );
  return tally.exitCode;
}

/** Returns the row of a file that has one already and has not changed since. */
async function knownRows(context: Context<PreprocessOptions>): Promise<(path: string) => Promise<CaseRow | undefined>> {
  const { known, relative } = context.options;
  if (known === undefined) return async () => undefined;
  const { mtimeMs } = await stat(known).catch(() => {
    throw new InputError(`${known}: expected a file of case rows, got none`);
  });
  const rows = new Map<string, CaseRow>();
  for await (const { row, origin } of readRows(context, [known], ["case"])) {
    rows.set(resolvePath(origin, row.npz), rebaseRow(row, origin, relative));
  }
  return async (path) => {
    const row = rows.get(resolve(path));
    return row !== undefined && (await stat(path)).mtimeMs < mtimeMs ? row : undefined;
  };
}

/** The training set lies in folders MODALITY/DATASET/, which say more than the name; other folders say nothing. */
function originOf(path: string, fallback: Modality | undefined): NamedOrigin & { why: string } {
  const dataset = basename(dirname(path));
  const byFolder = modalityOf(basename(dirname(dirname(path))));
  if (byFolder !== undefined) return { modality: byFolder, dataset, why: "modality and dataset by its folders" };
  const byName = originOfName(basename(path, ".npz"));
  if (byName !== undefined) return { ...byName, why: "modality and dataset by its name" };
  if (fallback !== undefined)
    return { modality: fallback, dataset, why: "modality by --modality, dataset by its folder" };
  throw new InputError(
    `${path}: expected a name that starts with CT_, MR_, PET_, US_ or Microscopy_, got ${JSON.stringify(basename(path))}; --modality says what such files are`,
  );
}

async function readCase(path: string) {
  const archive = await readNpz(path);
  const { imgs, gts, spacing } = await readChallengeCase(path, [
    "imgs",
    "spacing",
    ...(archive.has("gts") ? (["gts"] as const) : []),
  ]);
  if (gts !== undefined && gts.shape.join() !== imgs!.shape.join()) {
    throw new InputError(
      `${path}: gts: expected the shape of imgs [${imgs!.shape.join(", ")}], got [${gts.shape.join(", ")}]`,
    );
  }
  return { imgs: imgs!, gts, spacing: spacing! };
}
