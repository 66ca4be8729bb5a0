import type { DicomFrame, Vector } from "./dicomFrame.ts";

/** Frames that may be one volume: of one series, shape, orientation, voxel size and kind. */
export interface DicomVolume {
  readonly frames: readonly DicomFrame[];
}

const directionTolerance = 1e-3;
const spacingTolerance = 1e-3;
const samePlaceMm = 1e-3;

/**
 * Parts frames into volumes: by series, then by shape, number type, orientation, pixel spacing and kind (image type,
 * echo, stack, time); where positions repeat in one of them, by what tells the repeats apart (acquisition, trigger
 * time, echo time, b value), if one does. The order is that of series numbers, then of names.
 */
export function groupVolumes(frames: readonly DicomFrame[]): DicomVolume[] {
  const groups: DicomFrame[][] = [];
  for (const frame of frames) {
    const volume = groups.find((group) => belongsTo(frame, group[0]!));
    if (volume) volume.push(frame);
    else groups.push([frame]);
  }
  return groups
    .flatMap(withoutRepeats)
    .map((group) => ({ frames: group }))
    .sort((a, b) => order(a.frames[0]!, b.frames[0]!));
}

function belongsTo(a: DicomFrame, b: DicomFrame): boolean {
  return (
    a.series.uid === b.series.uid &&
    a.rows === b.rows &&
    a.columns === b.columns &&
    a.bits.allocated === b.bits.allocated &&
    a.bits.signed === b.bits.signed &&
    a.kind.join("|") === b.kind.join("|") &&
    near(directionNumbers(a), directionNumbers(b), directionTolerance) &&
    near(spacingNumbers(a), spacingNumbers(b), spacingTolerance)
  );
}

export function sameOrientation(a: DicomFrame, b: DicomFrame): boolean {
  return near(directionNumbers(a), directionNumbers(b), directionTolerance);
}

function directionNumbers({ directions }: DicomFrame): readonly number[] {
  return directions?.flat() ?? [];
}

function spacingNumbers({ spacing }: DicomFrame): readonly number[] {
  return spacing ? [spacing.betweenRows, spacing.betweenColumns] : [];
}

function near(a: readonly number[], b: readonly number[], tolerance: number): boolean {
  return a.length === b.length && a.every((value, index) => Math.abs(value - b[index]!) <= tolerance);
}

/** The group, or its parts if one distinction makes several groups of the same positions out of it. */
function withoutRepeats(group: DicomFrame[]): DicomFrame[][] {
  if (!hasRepeats(group)) return [group];
  for (let index = 0; index < group[0]!.repeats.length; index++) {
    const parts = parted(group, (frame) => frame.repeats[index]!);
    if (parts.length > 1 && parts.every((part) => part.length === parts[0]!.length && !hasRepeats(part))) return parts;
  }
  return [group];
}

function parted(group: readonly DicomFrame[], key: (frame: DicomFrame) => string): DicomFrame[][] {
  const parts = new Map<string, DicomFrame[]>();
  for (const frame of group) parts.set(key(frame), [...(parts.get(key(frame)) ?? []), frame]);
  return [...parts.values()];
}

function hasRepeats(group: readonly DicomFrame[]): boolean {
  const places = group.map(({ position }) => position).filter((position): position is Vector => position !== undefined);
  const sorted = places.toSorted((a, b) => a[2] - b[2] || a[1] - b[1] || a[0] - b[0]);
  return sorted.some((place, index) => index > 0 && near(place, sorted[index - 1]!, samePlaceMm));
}

function order(a: DicomFrame, b: DicomFrame): number {
  const [first, second] = [a, b].map(({ series }) => Number(series.number) || Number.MAX_SAFE_INTEGER);
  return first! - second! || (a.series.uid < b.series.uid ? -1 : a.series.uid > b.series.uid ? 1 : 0);
}
