import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError, type ReadRow, resolvePath, type SourceRow, takeLock } from "@ensam/core/command";
import { writeChallengeCase, writeFileAtomically } from "@ensam/core/files";
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
import type { PreprocessOptions } from "./options.ts";
import { type CaseContent, type PrepareRules, prepareCase, type Source } from "./prepareCase.ts";

/** Raised when what a sidecar holds, or how a case is prepared, changes: older outputs are then made again. */
const recipeVersion = 4;

/** A source to make an npz of: plain data, which a thread can be given. */
export interface MakeTask extends Pick<ReadRow<"source">, "row" | "origin"> {
  readonly folder: string;
  readonly options: PreprocessOptions;
}

/** What there is to say of a case that was made. */
export interface MadeCase {
  readonly content: CaseContent;
  readonly npz: string;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

export function npzPath(folder: string, name: string): string {
  return join(folder, `${name}.npz`);
}

/** A source row with its paths resolved. */
export function sourceOf({ row, origin }: Pick<ReadRow<"source">, "row" | "origin">): Source {
  return {
    row,
    imagePath: resolvePath(origin, row.image),
    ...(row.label === undefined ? {} : { labelPath: resolvePath(origin, row.label) }),
  };
}

/** Returns the case made now, or as it was made before from the same inputs by the same rules. One process at a time looks. */
export async function makeCase(task: MakeTask): Promise<MadeCase> {
  const lock = await takeLock(`${sidecarPath(task.folder, task.row.case)}.lock`, { beat: "timer", waits: true });
  try {
    return await makeUnlessUpToDate(task);
  } finally {
    lock.release();
  }
}

async function makeUnlessUpToDate({ row, origin, folder, options }: MakeTask): Promise<MadeCase> {
  const npz = npzPath(folder, row.case);
  const source = sourceOf({ row, origin });
  const rules = rulesOf(options, row);
  const madeFrom = await fingerprintOf(source, rules);
  const [before, bytes] = [await readSidecar(folder, row.case), await sizeOf(npz)];
  if (!options.overwrite && bytes !== undefined) {
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

/** The rules for one source: the options, and what its row says itself. */
export function rulesOf(options: PreprocessOptions, row: SourceRow): PrepareRules {
  const { nan, passThrough, orientation, labelHeader, labelledSlices } = options;
  const text = row.window ?? options.window;
  const volume = row.volume ?? options.volume;
  // With --images it has made the rows already: a channel may be a file, or a volume.
  const channel = row.channel ?? (options.images === undefined ? options.channel : undefined);
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
    ...(channel !== undefined && { channel }),
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
