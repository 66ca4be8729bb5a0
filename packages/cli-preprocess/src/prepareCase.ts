import type { SourceRow } from "@ensam/core/command";
import {
  alignLabels,
  type ChallengeCase,
  type DicomOptions,
  type ImageFile,
  type LabelFile,
  readImage,
  readLabels,
} from "@ensam/core/files";
import { type AxisTurn, isNoTurn, noTurn, turnAffine, turnToLps, turnZyx, voxelToWorld } from "@ensam/core/geometry";
import { type Grid, turnGrid, type Window, type Zyx } from "@ensam/core/voxels";
import { describedGreyLevels } from "./greyLevels.ts";
import { type LabelGrid, labelGrid, typeName } from "./labelGrid.ts";
import { keepSlices, labelledSlices } from "./labelledSlices.ts";

export interface PrepareRules {
  readonly window: Window;
  readonly nanAsZero: boolean;
  /** Whether an image of a wider type holds grey levels already. */
  readonly passThrough: boolean;
  /** Axes of the output: to left, posterior and superior where the file states its orientation, or as stored. */
  readonly orientation: "lps" | "stored";
  /** Whether label maps are taken voxel by voxel, wherever their header places them. */
  readonly ignoreLabelHeader: boolean;
  /** Whether only slices with a label are kept. */
  readonly labelledSlicesOnly: boolean;
  /** Which volume of a 4-D image, from 0. */
  readonly volume?: number;
  /** Which channel of the image's file, from 0. */
  readonly channel?: number;
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
  /** Those that a user should hear of without asking. */
  readonly warnings: readonly string[];
}

/** Reads a source and returns what its npz and its case row will hold. */
export async function prepareCase(source: Source, rules: PrepareRules): Promise<PreparedCase> {
  const { row } = source;
  const { labelPath } = source;
  // Both at once: what inflates them runs beside this thread.
  const reading =
    labelPath === undefined ? undefined : readLabels(labelPath, { key: row.label_key, volume: rules.volume });
  reading?.catch(() => undefined); // An image that cannot be read is told first.
  const image = await readImage(source.imagePath, {
    key: row.image_key,
    volume: rules.volume,
    channel: rules.channel,
    dicom: rules.dicom,
  });
  const labelled = reading === undefined ? undefined : alignedLabels(source, labelPath!, await reading, image, rules);
  const grey = describedGreyLevels(image.volume, { modality: row.modality, ...rules });
  const turn = rules.orientation === "lps" && image.stored.hasDirections ? turnToLps(image.affine) : noTurn;
  const spacing = turnZyx(turn, image.volume.spacing);
  const kept = keepLabelled(turnGrid(grey.imgs, turn), labelled && turnLabelled(labelled, turn), rules);
  return {
    npz: { imgs: kept.imgs, ...(kept.gts && { gts: kept.gts }), spacing, ...placeOf(image, turn, kept.slices) },
    content: {
      shape: [...kept.imgs.shape],
      spacing: [...spacing],
      ...(image.stored.hasDirections && { axes: image.stored.axes }),
      labels: labelled?.labels ?? {},
    },
    notes: [
      readNote(image),
      ...image.notes,
      ...grey.notes,
      ...(labelled?.notes ?? ["labels: none given, so the npz has no gts"]),
      ...(isNoTurn(turn) ? [] : [`turned: from axes ${image.stored.axes} to LPS`]),
      ...kept.notes,
      rules.orientation === "lps" && image.stored.hasDirections
        ? "axes run to left, posterior, superior"
        : "voxels stay in the order of the file",
    ],
    warnings: [...image.doubts, ...grey.warnings, ...(labelled?.warnings ?? [])],
  };
}

/** Where the arrays lie, and the image file's grid, so that masks find back. Slices with gaps between them have no affine. */
function placeOf(
  { affine, stored, volume }: ImageFile,
  turn: AxisTurn,
  slices: readonly number[] | undefined,
): Pick<ChallengeCase, "affine" | "source"> {
  const turned = turnAffine(turn, volume.shape, affine);
  const first = slices?.[0] ?? 0;
  const isWhole = slices === undefined || slices.at(-1)! - first + 1 === slices.length;
  const start = voxelToWorld(turned, [first, 0, 0]);
  const shifted = turned.map((value, index) => (index % 4 === 3 && index < 12 ? start[(index - 3) / 4]! : value));
  return {
    ...(stored.hasDirections && isWhole && { affine: shifted }),
    source: { affine, shape: volume.shape, turn, slices },
  };
}

function readNote({ volume: { shape, spacing }, stored }: ImageFile): string {
  const millimetres = spacing.map((mm) => Number(mm.toPrecision(5))).join(" x ");
  const axes = stored.hasDirections ? stored.axes : "without direction";
  return `read: ${stored.format} ${stored.type}, ${shape.join(" x ")} voxels (z, y, x) of ${millimetres} mm, axes ${axes}`;
}

interface Labelled extends LabelGrid {
  readonly warnings: readonly string[];
}

/** The label map on the image's stored grid. */
function alignedLabels(
  { row }: Source,
  labelPath: string,
  file: LabelFile,
  image: ImageFile,
  { ignoreLabelHeader }: PrepareRules,
): Labelled {
  const stated = { shape: image.volume.shape, affine: image.affine, hasDirections: image.stored.hasDirections };
  const labels = {
    labels: file.labels,
    affine: file.affine,
    hasDirections: file.stored.hasDirections,
    isPart: file.isPart,
  };
  const aligned = alignLabels(labelPath, stated, labels, { ignoreHeader: ignoreLabelHeader });
  const grid = labelGrid(aligned.labels, row.labels ?? file.names, row.modality);
  return {
    ...grid,
    notes: [
      ...file.notes.map((note) => `label map: ${note}`),
      ...grid.notes,
      `labels: stored as ${typeName(grid.gts)}`,
    ],
    warnings: [...aligned.warnings, ...grid.warnings],
  };
}

function turnLabelled(labelled: Labelled, turn: AxisTurn): Labelled {
  return { ...labelled, gts: turnGrid<LabelGrid["gts"]["data"]>(labelled.gts, turn) };
}

interface KeptSlices {
  readonly imgs: Grid<Uint8Array>;
  readonly gts?: LabelGrid["gts"];
  /** Which were kept, where some were left out. */
  readonly slices?: readonly number[];
  readonly notes: readonly string[];
}

function keepLabelled(
  imgs: Grid<Uint8Array>,
  labelled: LabelGrid | undefined,
  { labelledSlicesOnly }: PrepareRules,
): KeptSlices {
  if (labelled === undefined) return { imgs, notes: [] };
  const { gts } = labelled;
  if (!labelledSlicesOnly) return { imgs, gts, notes: [] };
  const slices = labelledSlices(gts);
  const [depth] = imgs.shape as Zyx;
  const gaps = slices.at(-1)! - slices[0]! + 1 - slices.length;
  return {
    imgs: keepSlices(imgs, slices),
    gts: keepSlices(gts, slices) as LabelGrid["gts"],
    ...(slices.length < depth && { slices }),
    notes: [`slices: kept ${slices.length} of ${depth} (those with a label${gaps > 0 ? `; ${gaps} lay between` : ""})`],
  };
}
