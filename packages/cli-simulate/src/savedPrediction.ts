import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { writeChallengeCase, writeFileAtomically } from "@ensam/core/files";
import type { Click, Simulation } from "@ensam/core/inference";

/** The part of a prediction row that only the run itself knows. */
export interface PredictionFacts {
  /** Seconds of each interaction; null for the box interaction of a case without box. */
  readonly seconds: readonly (number | null)[];
  readonly hasBox: boolean;
  /** First and last voxel of each label's prompt box. */
  readonly boxes?: Readonly<Record<string, readonly [readonly number[], readonly number[]]>>;
  readonly clicks: Readonly<Record<string, readonly ({ at: readonly number[]; kind: "fg" | "bg" } | null)[]>>;
}

/** Where a case's result goes: the challenge's npz, and beside it what made it. */
export function predictionPaths(folder: string, name: string): { npz: string; facts: string } {
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
  paths: { npz: string; facts: string },
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

/** Writes the result: first the npz, then what made it, each in one step, so that an interruption leaves no half. */
export async function savePrediction(
  paths: { npz: string; facts: string },
  origin: Readonly<Record<string, unknown>>,
  simulation: Simulation,
): Promise<PredictionFacts> {
  const segs = simulation.maps.at(-1)!;
  await writeChallengeCase(paths.npz, { segs, allSegs: simulation.maps });
  const facts = factsOf(simulation);
  const { size } = await stat(paths.npz);
  const text = `${JSON.stringify({ origin, bytes: size, facts })}\n`;
  await writeFileAtomically(paths.facts, new TextEncoder().encode(text));
  return facts;
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
