import type { SourceRow } from "@ensam/core/command";
import { type ChallengeCase, compareGrids, type DicomOptions, readImage, readLabels } from "@ensam/core/files";
import type { Grid, Window, Zyx } from "@ensam/core/voxels";
import { describedGreyLevels } from "./greyLevels.ts";
import { type LabelGrid, labelGrid, typeName } from "./labelGrid.ts";
import { keepSlices, labelledSlices } from "./labelledSlices.ts";

export interface PrepareRules {
  readonly window: Window;
  readonly nanAsZero: boolean;
  /** Whether an image of a wider type holds grey levels already. */
  readonly passThrough: boolean;
  /** Whether only slices with a label are kept. */
  readonly labelledSlicesOnly: boolean;
  /** Which volume of a 4-D image, from 0. */
  readonly volume?: number;
  /** Which DICOM volume, and whether in spite of what speaks against it. */
  readonly dicom: DicomOptions;
}

/** A source with its paths resolved. */
export interface Source {
  readonly row: SourceRow;
  readonly imagePath: string;
  readonly labelPath?: string;
}

/** What a case row says about the volume. */
export interface CaseContent {
  readonly shape: [number, number, number];
  readonly spacing: [number, number, number];
  /** Where x, y and z run, such as "LPS", where the file says it. */
  readonly axes?: string;
  readonly labels: LabelGrid["labels"];
}

export interface PreparedCase {
  /** What goes into the npz: imgs, gts where there is a label map, spacing. */
  readonly npz: ChallengeCase;
  readonly content: CaseContent;
  /** What was read, decided and lost, one sentence each. */
  readonly notes: readonly string[];
}

/** Reads a source and returns what its npz and its case row will hold. */
export async function prepareCase(source: Source, rules: PrepareRules): Promise<PreparedCase> {
  const { row } = source;
  const image = await readImage(source.imagePath, {
    key: row.image_key,
    volume: rules.volume,
    dicom: rules.dicom,
  });
  const { shape, spacing } = image.volume;
  const millimetres = spacing.map((mm) => Number(mm.toPrecision(5))).join(" x ");
  const axes = image.stored.hasDirections ? image.stored.axes : "without direction";
  const voxels = `${shape.join(" x ")} voxels (z, y, x) of ${millimetres} mm, axes ${axes}`;
  const labelled =
    source.labelPath === undefined ? undefined : await readLabelled(source, source.labelPath, image, rules.volume);
  const grey = describedGreyLevels(image.volume, { modality: row.modality, ...rules });
  const kept = keepLabelled(grey.imgs, labelled, rules.labelledSlicesOnly);
  return {
    npz: { imgs: kept.imgs, ...(kept.gts && { gts: kept.gts }), spacing },
    content: {
      shape: [...kept.imgs.shape],
      spacing: [...spacing],
      ...(image.stored.hasDirections && { axes: image.stored.axes }),
      labels: labelled?.labels ?? {},
    },
    notes: [
      `read: ${image.stored.format} ${image.stored.type}, ${voxels}`,
      ...image.notes,
      ...grey.notes,
      ...(labelled?.notes ?? ["labels: none given, so the npz has no gts"]),
      ...kept.notes,
      "lost: orientation and origin (the npz keeps the voxel size only); voxels stay in the order of the file",
    ],
  };
}

async function readLabelled(
  { row }: Source,
  labelPath: string,
  image: Awaited<ReturnType<typeof readImage>>,
  volume: number | undefined,
): Promise<LabelGrid> {
  const file = await readLabels(labelPath, { key: row.label_key, volume });
  const placed = { shape: file.labels.shape, affine: file.affine };
  const moved = compareGrids(labelPath, { shape: image.volume.shape, affine: image.affine }, placed);
  const grid = labelGrid(file.labels, row.labels);
  return {
    ...grid,
    notes: [
      ...file.notes.map((note) => `label map: ${note}`),
      ...moved,
      ...grid.notes,
      `labels: stored as ${typeName(grid.gts)}`,
    ],
  };
}

interface KeptSlices {
  readonly imgs: Grid<Uint8Array>;
  readonly gts?: LabelGrid["gts"];
  readonly notes: readonly string[];
}

function keepLabelled(imgs: Grid<Uint8Array>, labelled: LabelGrid | undefined, only: boolean): KeptSlices {
  if (labelled === undefined) return { imgs, notes: [] };
  const { gts } = labelled;
  if (!only) return { imgs, gts, notes: [] };
  const slices = labelledSlices(gts);
  const [depth] = imgs.shape as Zyx;
  const gaps = slices.at(-1)! - slices[0]! + 1 - slices.length;
  return {
    imgs: keepSlices(imgs, slices),
    gts: keepSlices(gts, slices) as LabelGrid["gts"],
    notes: [`slices: kept ${slices.length} of ${depth} (those with a label${gaps > 0 ? `; ${gaps} lay between` : ""})`],
  };
}
