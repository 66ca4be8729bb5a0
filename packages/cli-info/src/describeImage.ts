import type { ImageRow } from "@ensam/core/command";
import {
  alignLabels,
  FileError,
  type ImageFile,
  type LabelFile,
  type LabelNames,
  listSeries,
  readImage,
  readLabels,
  readNpz,
} from "@ensam/core/files";
import { determinant } from "@ensam/core/geometry";
import { type Grid, type LabelMap, labelBoxes, percentiles } from "@ensam/core/voxels";
import type { InfoOptions } from "./options.ts";

/** Grids of more different values than this are taken for images, not for label maps (TotalSegmentator has 117 labels). */
const mostLabels = 200;

/** What there is to know about an image and its label map: the file's, the one beside it, or itself where it looks like one. */
export async function describeImage(path: string, options: InfoOptions): Promise<ImageRow> {
  const { key, volume, channel } = options;
  const read = { key, volume, channel, dicom: options };
  const { image, labels } = await readEither(path, read);
  const found = await labelsOf(path, options, image, labels);
  const { stored, affine, notes, doubts } = image;
  const series = image.dicom === undefined ? undefined : await seriesOf(path, image.dicom.series);
  return {
    type: "image",
    image: path,
    format: stored.format,
    stored: stored.type,
    shape: [...image.volume.shape],
    spacing: [...image.volume.spacing],
    axes: stored.hasDirections ? stored.axes : null,
    isSheared: stored.isSheared,
    affine: [...affine],
    ...valuesOf(image.volume),
    unit: image.dicom?.unit || null,
    series: series ?? null,
    labels: found === undefined ? null : countsOf(found.labels, found.names, Math.abs(determinant(affine))),
    labelsFrom: found?.from ?? null,
    warnings: [...doubts, ...(found?.warnings ?? [])],
    notes: [...notes.filter((note) => !doubts.includes(note)), ...(found?.notes ?? [])],
  };
}

/** A segmentation of DICOM or of layers, or a prediction, is no image but a label map: that is then described. */
async function readEither(
  path: string,
  options: Parameters<typeof readImage>[1],
): Promise<{ image: ImageFile; labels?: LabelFile }> {
  try {
    return { image: await readImage(path, options) };
  } catch (error) {
    if (!(error instanceof FileError)) throw error;
    const labels = await readLabels(path, options).catch(() => undefined);
    if (labels === undefined) throw error;
    const { affine, stored, notes } = labels;
    const spacing = [0, 1, 2].map((z) => Math.hypot(affine[2 - z]!, affine[6 - z]!, affine[10 - z]!));
    const volume = { ...labels.labels, spacing: spacing as unknown as ImageFile["volume"]["spacing"] };
    return { image: { volume, affine, stored, notes, doubts: [] }, labels };
  }
}

interface FoundLabels {
  readonly labels: LabelMap;
  readonly names: LabelNames;
  readonly from: string;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
}

async function labelsOf(
  path: string,
  { labels: beside, key, volume, channel }: InfoOptions,
  image: ImageFile,
  labelFile: LabelFile | undefined,
): Promise<FoundLabels | undefined> {
  if (labelFile !== undefined)
    return { labels: labelFile.labels, names: labelFile.names, from: path, notes: [], warnings: [] };
  if (beside !== undefined) {
    const file = await readLabels(beside, { volume });
    const stated = { shape: image.volume.shape, affine: image.affine, hasDirections: image.stored.hasDirections };
    const { labels, warnings } = alignLabels(beside, stated, { ...file, hasDirections: file.stored.hasDirections });
    const notes = file.notes.map((note) => `label map: ${note}`);
    return { labels, names: file.names, from: beside, notes, warnings };
  }
  if (image.stored.format === "npz") {
    const archive = await readNpz(path);
    const member = ["gts", "segs"].find((name) => archive.has(name) && name !== key);
    if (member === undefined || key !== undefined) return undefined;
    const { labels, names } = await readLabels(path, { key: member });
    return { labels, names, from: path, notes: [`labels are those of ${member}`], warnings: [] };
  }
  if (image.stored.format === "dicom" || !looksLikeLabels(image.volume)) return undefined;
  const { labels, names } = await readLabels(path, { key, volume, channel });
  const note = "few different values, all whole: counted as labels";
  return { labels, names, from: path, notes: [note], warnings: [] };
}

function looksLikeLabels({ data }: Grid): boolean {
  const seen = new Set<number>();
  let last = 0;
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value === last) continue;
    last = value;
    if (!Number.isInteger(value) || value < 0) return false;
    seen.add(value);
    if (seen.size > mostLabels) return false;
  }
  return seen.size > 0;
}

function valuesOf({ data }: Grid): Pick<ImageRow, "values" | "notFinite"> {
  let [min, max, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const value = data[i]!;
    if (value - value !== 0) continue; // NaN and infinities only.
    if (value < min) min = value;
    if (value > max) max = value;
    sum += value;
    count += 1;
  }
  const notFinite = data.length - count;
  if (count === 0) return { values: null, notFinite };
  const [p0_5, p99_5] = percentiles(data, [0.5, 99.5]) as [number, number];
  return { values: { min, max, mean: sum / count, p0_5, p99_5 }, notFinite };
}

function countsOf(labels: LabelMap, names: LabelNames, voxelMm3: number): ImageRow["labels"] {
  const counted = [...labelBoxes(labels)].map(([label, { voxels }]) => {
    const name = names[String(label)];
    const volumeMm3 = Number((voxels * voxelMm3).toPrecision(6));
    return [String(label), { voxels, volumeMm3, ...(name && { name }) }] as const;
  });
  const absent = Object.entries(names).filter(([label]) => !counted.some(([found]) => found === label));
  return Object.fromEntries([...counted, ...absent.map(([label, name]) => [label, { voxels: 0, volumeMm3: 0, name }])]);
}

async function seriesOf(path: string, number: string): Promise<NonNullable<ImageRow["series"]> | undefined> {
  const found = (await listSeries(path)).find((volume) => String(volume.number) === number);
  return found && { ...found };
}
