import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { SegmentationRow } from "@ensam/core/command";
import { writeFileAtomically } from "@ensam/core/files";
import type { OpenModel } from "./openModel.ts";
import type { SegmentOptions } from "./options.ts";
import type { Request } from "./request.ts";

/** What an earlier run left of a request. */
export interface SavedRow {
  /** Its row, where all files of it are there as they were written. */
  readonly row?: SegmentationRow;
  readonly isDoubted?: boolean;
  /** Whether an earlier run of the same request began to write, so that its files may be replaced. */
  readonly isBegun: boolean;
}

interface Stored {
  readonly origin: unknown;
  /** Path and size of each file that was written. */
  readonly files?: readonly (readonly [path: string, bytes: number])[];
  readonly row?: SegmentationRow;
  readonly isDoubted?: boolean;
}

/** Where a batch keeps what a mask was made from, so that a run that was stopped goes on where it was. */
function recordPath({ outputs }: Request): string {
  return `${outputs.mask}.made.json`;
}

/** Options that change nothing in the files. */
const withoutEffect = new Set(["device", "threads", "memory", "overwrite", "strict", "batch"]);

/** What a request's outputs are made from: the model, its row, the options that count, and the sizes and times of the files read. */
export async function originOf(
  request: Request,
  row: unknown,
  options: SegmentOptions,
  { sha256, maxVoxels }: Pick<OpenModel, "sha256" | "maxVoxels">,
): Promise<unknown> {
  const counting = Object.fromEntries(Object.entries(options).filter(([name]) => !withoutEffect.has(name)));
  const inputs = [request.image, request.boxFrom, request.clickFrom, request.refine, ...request.promptFiles];
  const files = inputs.flatMap((path) => (path === undefined ? [] : [path]));
  const states = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
  const times = states.map((state) => (state === undefined ? null : [state.size, Math.round(state.mtimeMs)]));
  return { row, options: { ...counting, model: sha256, maxVoxels }, outputs: request.outputs, files: times };
}

/** What is there of a request with this origin; a record of another origin is none. */
export async function savedRow(request: Request, origin: unknown): Promise<SavedRow> {
  let stored: Stored;
  try {
    stored = JSON.parse(await readFile(recordPath(request), "utf8")) as Stored;
  } catch {
    return { isBegun: false }; // Missing or unreadable.
  }
  if (JSON.stringify(stored.origin) !== JSON.stringify(origin)) return { isBegun: false };
  const { files, row, isDoubted } = stored;
  if (files === undefined || row === undefined) return { isBegun: true };
  const sizes = await Promise.all(files.map(([path]) => stat(path).catch(() => undefined)));
  const isWhole = sizes.every((state, i) => state?.size === files[i]![1]);
  // A file that was changed since is the user's; one that is gone can be made again.
  const isOurs = sizes.every((state, i) => state === undefined || state.size === files[i]![1]);
  return isWhole ? { row, isDoubted: isDoubted === true, isBegun: true } : { isBegun: isOurs };
}

/** Records that a request's files are about to be written. */
export async function recordBeginning(request: Request, origin: unknown): Promise<void> {
  await write(request, { origin });
}

/** Records a request's row when its files are written. */
export async function recordRow(
  request: Request,
  origin: unknown,
  row: SegmentationRow,
  isDoubted: boolean,
  relative: string | undefined,
): Promise<void> {
  const perObject = row.objects.flatMap(({ mask }) => (typeof mask === "string" ? [mask] : []));
  const paths = [
    row.mask,
    ...perObject,
    ...(row.probabilities ?? []),
    ...(row.preview === undefined ? [] : [row.preview]),
  ];
  const files = await Promise.all(
    [...new Set(paths)].map(async (path) => {
      const full = resolve(relative ?? "/", path);
      return [full, (await stat(full)).size] as const;
    }),
  );
  await write(request, { origin, files, row, isDoubted });
}

async function write(request: Request, record: Stored): Promise<void> {
  await writeFileAtomically(recordPath(request), new TextEncoder().encode(`${JSON.stringify(record)}\n`));
}
