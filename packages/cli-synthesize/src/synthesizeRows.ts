import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  type CaseRow,
  type Context,
  ensureFolder,
  forEachCase,
  InputError,
  type Modality,
  namedInputs,
  overwriteCheck,
  type ReadRow,
  readRows,
  resolvePath,
  writtenPath,
} from "@ensam/core/command";
import { withDataFiles, writeChallengeCase } from "@ensam/core/files";
import { drawShapes, type LabelSource, type SyntheticImage, shapeKinds, synthesizeImage } from "@ensam/core/synthesis";
import { labelBoxes, type RandomStream, randomStream } from "@ensam/core/voxels";
import { openLabelMap } from "./openLabelMap.ts";
import type { SynthesizeOptions } from "./options.ts";

type MapRow = ReadRow<"labelmap" | "source">;

/** Work on one label map, or on one image of random shapes. */
interface Job {
  readonly case: string;
  work(): Promise<CaseRow[]>;
}

/** Sides of the label map that random shapes are drawn on, as a multiple of the image's. */
const canvasScale = 1.4;

/** Writes synthetic cases for all rows, then those of random shapes; returns the exit code. */
export async function synthesizeRows(context: Context<SynthesizeOptions>): Promise<number> {
  const { output, shapes } = context.options;
  await ensureFolder(output);
  const readsRows = context.positionals.length > 0 || shapes === 0;
  const tally = await forEachCase(context, jobs(context, readsRows, shapes), {}, (job) => job.work());
  return tally.exitCode;
}

async function* jobs(context: Context<SynthesizeOptions>, readsRows: boolean, shapes: number): AsyncGenerator<Job> {
  const names = new Set<string>();
  if (readsRows) {
    for await (const row of readRows(context, context.positionals, ["labelmap", "source"])) {
      const name = row.row.case;
      if (names.has(name)) throw new InputError(`${name}: expected each case once, got this name again`);
      names.add(name);
      yield { case: name, work: () => imagesOfMap(context, row) };
    }
  }
  for (let i = 0; i < shapes; i++) {
    const kind = shapeKinds[i % shapeKinds.length]!;
    const name = `shapes_${kind}_${numbered(Math.floor(i / shapeKinds.length))}`;
    yield { case: name, work: async () => [await shapeImage(context, kind, name)] };
  }
}

async function imagesOfMap(context: Context<SynthesizeOptions>, row: MapRow): Promise<CaseRow[]> {
  const { each, seed } = context.options;
  const { case: name, dataset, labels: names = {} } = row.row;
  const outputs = Array.from({ length: each }, (_, i) => npzOf(context, `${name}_${numbered(i)}`));
  const label = row.row.label === undefined ? undefined : resolvePath(row.origin, row.row.label);
  overwriteCheck(outputs)([...namedInputs(context), ...(await withDataFiles([label]))]);
  const source = await openLabelMap(row);
  const order = randomStream(seed, "objects", name).shuffle([...source.objects.keys()]);
  const rows: CaseRow[] = [];
  for (let i = 0; i < each; i++) {
    const caseName = `${name}_${numbered(i)}`;
    const random = randomStream(seed, "synthesis", name, i);
    const { made, style } = firstVisible(context, source, rotated(order, i), random);
    const named = (label: number) => names[String(label)];
    rows.push(
      await writeCase(context, made, { case: caseName, dataset: `Synthetic_${dataset}`, modality: style }, named),
    );
  }
  return rows;
}

async function shapeImage(
  context: Context<SynthesizeOptions>,
  kind: (typeof shapeKinds)[number],
  name: string,
): Promise<CaseRow> {
  const { seed, size } = context.options;
  const random = randomStream(seed, "shapes", name);
  const source = drawShapes(kind, Math.round(canvasScale * size), random);
  const { made, style } = firstVisible(context, source, random.shuffle([...source.objects.keys()]), random);
  return writeCase(context, made, { case: name, dataset: "Synthetic_Shapes", modality: style }, () => kind);
}

/** The image of the first of these objects that is large enough to be seen. */
function firstVisible(
  { options: { size, style: styles } }: Context<SynthesizeOptions>,
  source: LabelSource,
  labels: readonly number[],
  random: RandomStream,
): { made: SyntheticImage; style: Modality } {
  let last: unknown;
  for (const label of labels) {
    const style = styles[random.int(0, styles.length)]!;
    try {
      return { made: synthesizeImage(source, label, { size, style }, random), style };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      last = error;
    }
  }
  throw new InputError(`labels: expected an object large enough to be seen, got none of ${labels.length}`, {
    cause: last,
  });
}

function npzOf({ options: { output } }: Context<SynthesizeOptions>, name: string): string {
  return join(output, `${name}.npz`);
}

async function writeCase(
  context: Context<SynthesizeOptions>,
  { image, labels, from, spacing }: SyntheticImage,
  identity: { case: string; dataset: string; modality: Modality },
  nameOf: (label: number) => string | undefined,
): Promise<CaseRow> {
  const { overwrite, relative } = context.options;
  const npz = npzOf(context, identity.case);
  if (!overwrite && existsSync(npz)) {
    throw new InputError(`${npz}: expected no file of this name, got one; --overwrite replaces it`);
  }
  await writeChallengeCase(npz, { imgs: image, gts: labels, spacing });
  const extents = [...labelBoxes(labels)].map(([label, { voxels }]) => {
    const name = nameOf(from[label - 1]!);
    return [String(label), name ? { voxels, name } : { voxels }] as const;
  });
  return {
    type: "case",
    ...identity,
    npz: writtenPath(npz, relative),
    shape: [...image.shape],
    spacing: [...spacing],
    labels: Object.fromEntries(extents),
  };
}

function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

function numbered(index: number): string {
  return String(index + 1).padStart(4, "0");
}
