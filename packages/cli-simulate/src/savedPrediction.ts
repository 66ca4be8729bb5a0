import { readFile, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { InputError, takeLock } from "@ensam/core/command";
import { readNpz, writeChallengeCase, writeFileAtomically } from "@ensam/core/files";
import type { Click, Simulation } from "@ensam/core/prompts";

/** The part of a prediction row that only the run itself knows. */
export interface PredictionFacts {
  /** Seconds of each interaction; null for the box interaction of a case without box. */
  readonly seconds: readonly (number | null)[];
  readonly hasBox: boolean;
  /** First and last voxel of each label's prompt box. */
  readonly boxes?: Readonly<Record<string, readonly [readonly number[], readonly number[]]>>;
  readonly clicks: Readonly<Record<string, readonly ({ at: readonly number[]; kind: "fg" | "bg" } | null)[]>>;
}

/** Where a case's result goes. */
export interface PredictionPaths {
  /** The challenge's npz. */
  readonly npz: string;
  /** What made it. */
  readonly facts: string;
}

export function predictionPaths(folder: string, name: string): PredictionPaths {
  return { npz: join(folder, `${name}.npz`), facts: join(folder, `${name}.prediction.json`) };
}

/** What an output was made from: the predictor, the options that count, and the sizes and times of the files read. */
export async function originOf(
  identity: Readonly<Record<string, unknown>>,
  files: readonly string[],
): Promise<Readonly<Record<string, unknown>>> {
  const stats = await Promise.all(files.map((file) => stat(file)));
  return { ...identity, files: stats.map(({ size, mtimeMs }) => [size, Math.round(mtimeMs)]) };
}

/** The facts of an output that is there, whole and made from the same; else `undefined`. */
export async function upToDate(
  paths: PredictionPaths,
  origin: Readonly<Record<string, unknown>>,
): Promise<PredictionFacts | undefined> {
  try {
    const saved = JSON.parse(await readFile(paths.facts, "utf8")) as {
      origin: unknown;
      bytes: unknown;
      facts: PredictionFacts;
    };
    const { size } = await stat(paths.npz);
    return JSON.stringify(saved.origin) === JSON.stringify(origin) && saved.bytes === size ? saved.facts : undefined;
  } catch {
    return undefined; // Missing or unreadable: it is made again.
  }
}

/**
 * Refuses to replace an npz that this command did not make: any that holds an image or a truth, whatever the flags, and
 * one without facts beside it unless `overwrite`.
 */
export async function refuseForeign({ npz, facts }: PredictionPaths, overwrite: boolean): Promise<void> {
  const keys = await keysOf(npz);
  const data = keys?.filter((key) => key === "imgs" || key === "gts") ?? [];
  if (data.length > 0) throw new InputError(`${npz}: expected a prediction or no file, got a case (it holds ${data})`);
  if (keys === undefined || overwrite || (await isFile(facts))) return;
  throw new InputError(`${npz}: expected no file, or one made by this command, got another; --overwrite replaces it`);
}

/**
 * Writes the result: that it is being made, the npz, what made it, each in one step, so that an interruption leaves no
 * half and the next run knows the file for its own. One process at a time writes a case.
 */
export async function savePrediction(
  paths: PredictionPaths,
  origin: Readonly<Record<string, unknown>>,
  simulation: Simulation,
  overwrite: boolean,
): Promise<PredictionFacts> {
  const segs = simulation.maps.at(-1)!;
  const facts = factsOf(simulation);
  const lock = await takeLock(lockPath(paths.npz), { beat: "timer", waits: true });
  try {
    await refuseForeign(paths, overwrite);
    await writeJson(paths.facts, { origin });
    await writeChallengeCase(paths.npz, { segs, allSegs: simulation.maps });
    const { size } = await stat(paths.npz);
    await writeJson(paths.facts, { origin, bytes: size, facts });
  } finally {
    lock.release();
  }
  return facts;
}

function lockPath(npz: string): string {
  return join(dirname(npz), `.${basename(npz)}.lock`);
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, new TextEncoder().encode(`${JSON.stringify(value)}\n`));
}

/** Names of an npz's members: none of a file that is no npz (any more), undefined without a file. */
async function keysOf(path: string): Promise<readonly string[] | undefined> {
  if (!(await isFile(path))) return undefined;
  return readNpz(path).then(
    (archive) => archive.keys(),
    () => [],
  );
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}

function factsOf({ seconds, hasBox, clicks, boxes }: Simulation): PredictionFacts {
  const rounded = seconds.map((value) => Math.round(value * 1000) / 1000);
  const entries = [...clicks].map(([label, list]) => [String(label), list.map(clickOf)] as const);
  const corners = [...boxes].map(([label, { min, max }]) => [String(label), [min, max.map((end) => end - 1)]] as const);
  return {
    seconds: hasBox ? rounded : [null, ...rounded],
    hasBox,
    clicks: Object.fromEntries(entries),
    ...(hasBox && { boxes: Object.fromEntries(corners) }),
  };
}

function clickOf(click: Click | undefined): { at: readonly number[]; kind: "fg" | "bg" } | null {
  return click === undefined ? null : { at: click.at, kind: click.foreground ? "fg" : "bg" };
}
