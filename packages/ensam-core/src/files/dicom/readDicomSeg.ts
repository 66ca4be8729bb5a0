import { type Affine, affineOfLps } from "../../geometry/index.ts";
import type { LabelMap, Zyx } from "../../voxels/index.ts";
import { FileError } from "../fileError.ts";
import { fileSource } from "./byteSource.ts";
import { numberOf, numbersOf, textOf } from "./elementValues.ts";
import { unpackBits } from "./packBits.ts";
import { DamagedDataset, type Dataset, itemsOf, OutOfBytes } from "./parseElements.ts";
import { type DicomHeader, readHeader } from "./readHeader.ts";
import { segmentationStorage, sequences, type Tag, tags } from "./tags.ts";

/** A segmentation as a label map on the grid of its frames, which may hold fewer slices than the image. */
export interface DicomSegmentation {
  readonly labels: LabelMap;
  readonly affine: Affine;
  /** The name of each label. */
  readonly names: Readonly<Record<number, string>>;
}

const seg = {
  type: { number: 0x0062_0001, vr: "CS" },
  segments: { number: 0x0062_0002, vr: "SQ" },
  segmentNumber: { number: 0x0062_0004, vr: "US" },
  segmentLabel: { number: 0x0062_0005, vr: "LO" },
  identification: { number: 0x0062_000a, vr: "SQ" },
  referencedNumber: { number: 0x0062_000b, vr: "US" },
  tracking: { number: 0x0062_0020, vr: "UT" },
} as const satisfies Record<string, Tag>;

/** A damaged position or step may be far away: what these frames span is asked for before memory is. */
const mostSlices = 100_000;
const mostVoxels = 2 ** 32;

/** Positions may be off the regular steps by this part of one. */
const stepTolerance = 0.1;

/**
 * The label map in a binary DICOM segmentation. Labels are the numbers of the segments, or where each has a tracking
 * identifier "label N", as `writeDicomSeg` gives it, those. Rejects with a FileError where segments overlap, are
 * fractional or lie on no regular grid.
 */
export async function readDicomSeg(path: string): Promise<DicomSegmentation> {
  try {
    return await readSegmentation(path);
  } catch (error) {
    if (!(error instanceof DamagedDataset || error instanceof OutOfBytes)) throw error;
    throw new FileError(path, "an undamaged DICOM segmentation", `sequences that cannot be read: ${error.message}`);
  }
}

async function readSegmentation(path: string): Promise<DicomSegmentation> {
  const header = await readHeader(fileSource(path));
  if (header === undefined || textOf(header.dataset, tags.sopClass) !== segmentationStorage) {
    throw new FileError(path, "a DICOM segmentation", "another file");
  }
  const { dataset, pixels, syntax } = header;
  const type = textOf(dataset, seg.type);
  if (type !== "BINARY" || numberOf(dataset, tags.bitsAllocated) !== 1) {
    throw new FileError(path, "a binary segmentation", type?.toLowerCase() ?? "one of unknown type");
  }
  if (pixels === undefined || pixels.isOpen) throw new FileError(path, "pixels that are not compressed", syntax.name);
  const frames = segmentFrames(path, dataset);
  const grid = gridOf(path, dataset, frames);
  const { labelOf, names } = segmentLabels(dataset);
  const labels = await fill(header, frames, grid, labelOf);
  return { labels, affine: grid.affine, names };
}

/** Whether a file is a DICOM segmentation. */
export async function isDicomSeg(path: string): Promise<boolean> {
  const header = await readHeader(fileSource(path));
  return header !== undefined && textOf(header.dataset, tags.sopClass) === segmentationStorage;
}

interface SegFrame {
  readonly segment: number;
  readonly position: readonly number[];
}

function segmentFrames(path: string, dataset: Dataset): SegFrame[] {
  const shared = itemsOf(dataset, sequences.sharedGroups.number);
  const perFrame = itemsOf(dataset, sequences.perFrameGroups.number);
  const count = numberOf(dataset, tags.frameCount) ?? 0;
  if (perFrame.length !== count || count === 0) {
    throw new FileError(path, `functional groups of ${count} frames`, `${perFrame.length}`);
  }
  return perFrame.map((group) => {
    const first = (sequence: Tag, tag: Tag): number[] => {
      const holder = [group, ...shared]
        .flatMap((one) => itemsOf(one, sequence.number))
        .find((one) => one.elements.has(tag.number));
      return holder ? numbersOf(holder, tag) : [];
    };
    const position = first(sequences.planePosition, tags.imagePosition);
    const [segment] = first(seg.identification, seg.referencedNumber);
    if (position.length !== 3 || !position.every(Number.isFinite) || segment === undefined) {
      throw new FileError(path, "a position and a segment for each frame", "a frame without them");
    }
    return { segment, position };
  });
}

interface SegGrid {
  readonly shape: Zyx;
  readonly affine: Affine;
  /** The slice of each frame. */
  readonly slices: readonly number[];
}

function gridOf(path: string, dataset: Dataset, frames: readonly SegFrame[]): SegGrid {
  const groups = [
    ...itemsOf(dataset, sequences.sharedGroups.number),
    ...itemsOf(dataset, sequences.perFrameGroups.number).slice(0, 1),
  ];
  const value = (sequence: Tag, tag: Tag): number[] => {
    return (
      groups
        .flatMap((group) => itemsOf(group, sequence.number))
        .map((one) => numbersOf(one, tag))
        .find((found) => found.length > 0) ?? []
    );
  };
  const orientation = value(sequences.planeOrientation, tags.imageOrientation);
  const [betweenRows, betweenColumns] = value(sequences.pixelMeasures, tags.pixelSpacing);
  const [rows, columns] = [numberOf(dataset, tags.rows), numberOf(dataset, tags.columns)];
  if (orientation.length !== 6 || !(betweenRows! > 0 && betweenColumns! > 0) || !rows || !columns) {
    throw new FileError(
      path,
      "an orientation, a pixel spacing and a size shared by all frames",
      "a segmentation without",
    );
  }
  const [row, column] = [orientation.slice(0, 3), orientation.slice(3)] as [number[], number[]];
  const normal = [0, 1, 2].map((axis) => {
    const [a, b] = [(axis + 1) % 3, (axis + 2) % 3];
    return row[a]! * column[b]! - row[b]! * column[a]!;
  });
  const depths = frames.map(({ position }) => position.reduce((sum, mm, axis) => sum + mm * normal[axis]!, 0));
  const low = Math.min(...depths);
  const step = stepOf(
    depths,
    value(sequences.pixelMeasures, tags.spacingBetweenSlices)[0] ??
      value(sequences.pixelMeasures, tags.sliceThickness)[0],
  );
  const slices = depths.map((depth) => Math.round((depth - low) / step));
  const most = Math.max(...slices) + 1;
  if (!(most <= mostSlices && most * rows * columns <= mostVoxels)) {
    throw new FileError(
      path,
      `at most ${mostSlices} slices and ${mostVoxels} voxels`,
      `${most} x ${rows} x ${columns}`,
    );
  }
  const off = depths.some((depth, index) => Math.abs((depth - low) / step - slices[index]!) > stepTolerance);
  if (off) throw new FileError(path, `frames at regular steps of ${step} mm`, "others");
  const first = frames[depths.indexOf(low)]!.position;
  const last = frames[depths.indexOf(Math.max(...depths))]!.position;
  const span = Math.max(...slices);
  // The way from the first to the last frame keeps the tilt of a gantry.
  const across = [0, 1, 2].map((axis) => (span > 0 ? (last[axis]! - first[axis]!) / span : normal[axis]! * step));
  const direction = [0, 1, 2].flatMap((axis) => [
    row[axis]! * betweenColumns!,
    column[axis]! * betweenRows!,
    across[axis]!,
  ]);
  return { shape: [span + 1, rows, columns], affine: affineOfLps([1, 1, 1], direction, first), slices };
}

/** The stored step, else the smallest between two frames. */
function stepOf(depths: readonly number[], stored: number | undefined): number {
  if (stored !== undefined && stored > 0) return stored;
  const sorted = [...new Set(depths)].sort((a, b) => a - b);
  return (
    sorted
      .slice(1)
      .reduce((least, depth, index) => Math.min(least, depth - sorted[index]!), Number.POSITIVE_INFINITY) || 1
  );
}

function segmentLabels(dataset: Dataset): { labelOf: ReadonlyMap<number, number>; names: Record<number, string> } {
  const segments = itemsOf(dataset, seg.segments.number).map((item) => ({
    number: numberOf(item, seg.segmentNumber) ?? 0,
    name: textOf(item, seg.segmentLabel) ?? "",
    tracked: /^label ([1-9]\d*)$/.exec(textOf(item, seg.tracking) ?? "")?.[1],
  }));
  const isTracked = segments.every(({ tracked }) => tracked !== undefined);
  const labelled = segments.map((segment) => ({
    ...segment,
    label: isTracked ? Number(segment.tracked) : segment.number,
  }));
  return {
    labelOf: new Map(labelled.map(({ number, label }) => [number, label])),
    names: Object.fromEntries(labelled.filter(({ name }) => name !== "").map(({ label, name }) => [label, name])),
  };
}

async function fill(
  { source, pixels, size }: DicomHeader,
  frames: readonly SegFrame[],
  { shape, slices }: SegGrid,
  labelOf: ReadonlyMap<number, number>,
): Promise<LabelMap> {
  const count = shape[1] * shape[2];
  const length = Math.ceil((count * frames.length) / 8);
  const there = Math.min(pixels!.length, size - pixels!.valueStart);
  if (there < length) throw new FileError(source.name, `${length} bytes of pixels`, `${there}: the file is cut off`);
  const bytes = new Uint8Array(length);
  const file = await source.open();
  try {
    await file.fill(bytes, pixels!.valueStart);
  } finally {
    await file.close();
  }
  const largest = Math.max(...labelOf.values());
  const data = new (largest < 256 ? Uint8Array : Int32Array)(shape[0] * count);
  const mask = new Uint8Array(count);
  for (const [index, { segment }] of frames.entries()) {
    const label = labelOf.get(segment);
    if (label === undefined)
      throw new FileError(source.name, "frames of the segments listed", `one of segment ${segment}`);
    unpackBits(bytes, index * count, mask);
    const start = slices[index]! * count;
    for (let voxel = 0; voxel < count; voxel++) {
      if (mask[voxel] === 0) continue;
      const before = data[start + voxel]!;
      if (before !== 0 && before !== label) {
        throw new FileError(source.name, "segments that do not overlap", `labels ${before} and ${label} in one voxel`);
      }
      data[start + voxel] = label;
    }
  }
  return { data, shape };
}
