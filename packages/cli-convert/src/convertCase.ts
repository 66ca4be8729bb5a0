import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  type Context,
  ensureFolder,
  InputError,
  type LabelMapRow,
  overwriteCheck,
  UsageError,
  writtenPath,
} from "@ensam/core/command";
import {
  FileError,
  type ImageFile,
  type MaskImage,
  type MaskObject,
  maskPaths,
  maskProblem,
  type NpzGrid,
  ontoSourceGrid,
  readImage,
  readLabelNames,
  readLabels,
  readNpzGrid,
  writeMask,
} from "@ensam/core/files";
import { type Affine, isSameTurn, noTurn, sameZyx, spacingOfAffine, turnOnto } from "@ensam/core/geometry";
import { type LabelMap, labelBoxes } from "@ensam/core/voxels";
import type { ConvertItem } from "./convertItems.ts";
import type { ConvertOptions } from "./options.ts";

/** An image's corners may lie this far from the grid that its npz states, in voxels. */
const samePlace = 0.05;

/** Writes the label map of one npz as masks, and returns a label map row for each. */
export async function convertCase(context: Context<ConvertOptions>, item: ConvertItem): Promise<LabelMapRow[]> {
  const { options, log } = context;
  const { labels } = await readLabels(item.npz, { key: options.key ?? (await memberOf(item.npz)) });
  const stated = await readNpzGrid(item.grid);
  for (const warning of doubtsAbout(stated, options)) log.warn(`${item.case}: ${warning}`);
  const grid: NpzGrid = options.grid === "npz" ? { ...stated, source: undefined } : stated;
  const placed = ontoSourceGrid(item.npz, labels, grid);
  const image = await imageOf(context, placed.labels, placed.affine, grid);
  const objects = await objectsOf(item, placed.labels);
  const path = join(options.out, `${item.case}.${options.format}`);
  const paths = maskPaths(path, objects, options.perObject);
  const all = paths.flatMap(({ path, sidecar }) => [path, ...(sidecar ? [sidecar] : [])]);
  overwriteCheck(all)([item.npz, item.grid]);
  const there = options.overwrite ? undefined : all.find((file) => existsSync(file));
  if (there !== undefined) throw new InputError(`${there}: expected no file yet, got one (--overwrite replaces it)`);
  await ensureFolder(options.out);
  const { files, byObject, notes } = await writeMask(path, placed.labels, objects, image, options);
  for (const note of notes) log.warn(`${item.case}: ${note}`);
  const shown = (file: string): string => writtenPath(file, options.relative);
  const base = { type: "labelmap", dataset: item.dataset } as const;
  if (!options.perObject) return [{ ...base, case: item.case, label: shown(files[0]!), labels: namesOf(objects) }];
  return objects.flatMap((object, index) => {
    const file = byObject[index];
    const name = object.name ?? String(object.label);
    const labels = { "1": object.name ?? `label ${object.label}` };
    return file === undefined
      ? []
      : [{ ...base, case: `${item.case}_${name.replace(/[/\\\p{Cc}]/gu, "_")}`, label: shown(file), labels }];
  });
}

/** Predictions have segs, training files gts; readLabels would take gts first where a file has both. */
async function memberOf(npz: string): Promise<string | undefined> {
  const { readNpz } = await import("@ensam/core/files");
  return (await readNpz(npz)).has("segs") ? "segs" : undefined;
}

function doubtsAbout({ source, hasDirections, path }: NpzGrid, { grid, image }: ConvertOptions): string[] {
  if (image !== undefined || (grid === "source" && source !== undefined)) return [];
  if (hasDirections)
    return grid === "source" ? [`${path} does not say which image it was made from; its own grid is taken`] : [];
  return [
    `${path} states no orientation: x is taken to run left, y to the back, z up, from 0 (ensam-preprocess keeps the place; --inputs FOLDER names its files)`,
  ];
}

/** The image that a mask is written for: the one given, checked to be on the grid, else the grid alone. */
async function imageOf(
  { options, streams }: Context<ConvertOptions>,
  { shape }: LabelMap,
  affine: Affine,
  { hasDirections, source, path }: NpzGrid,
): Promise<MaskImage> {
  if (options.image === undefined) {
    const problem = maskProblem(`mask.${options.format}`, {}, options);
    if (problem !== undefined) throw new UsageError(`--format ${options.format}: ${problem} (--image names it)`);
    const isPlaced = hasDirections || source !== undefined;
    return { affine, volume: { shape, spacing: spacingOfAffine(affine) }, stored: { hasDirections: isPlaced } };
  }
  const image: ImageFile = await readImage(resolve(streams.cwd, options.image), { dicom: options });
  const place = { shape: image.volume.shape, affine: image.affine };
  const apart = sameZyx(shape, place.shape) ? turnOnto({ shape, affine }, place) : undefined;
  const isTurned = apart !== undefined && !isSameTurn(apart.turn, noTurn);
  const isThere = apart !== undefined && apart.apart <= samePlace && !isTurned;
  if (!isThere && (source !== undefined || hasDirections || !sameZyx(shape, place.shape))) {
    const found =
      apart === undefined
        ? `another, [${place.shape}]`
        : isTurned
          ? "one of that shape with its axes turned or reversed"
          : `one of that shape up to ${apart.apart.toFixed(1)} voxels beside it`;
    throw new FileError(options.image, `the grid that ${path} states, shape [${shape}]`, found);
  }
  return image;
}

async function objectsOf({ npz, grid, names }: ConvertItem, labels: LabelMap): Promise<MaskObject[]> {
  const beside = { ...(await readLabelNames(grid)), ...(await readLabelNames(npz)), ...names };
  return [...labelBoxes(labels).keys()].map((label) => ({ label, name: beside[String(label)] }));
}

function namesOf(objects: readonly MaskObject[]): Record<string, string> {
  return Object.fromEntries(objects.flatMap(({ label, name }) => (name ? [[String(label), name]] : [])));
}
