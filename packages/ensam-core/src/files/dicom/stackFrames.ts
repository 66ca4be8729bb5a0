import type { DicomFrame, Vector } from "./dicomFrame.ts";

/** Where the voxels of a stack lie: columns of mm per step along x, y, z, and the place of the first voxel, in LPS. */
export interface StackPlace {
  readonly steps: readonly [x: Vector, y: Vector, z: Vector];
  readonly origin: Vector;
}

/** Frames in the order of their positions along the normal (row direction x column direction), and where they lie. */
export interface Stack {
  readonly frames: readonly DicomFrame[];
  readonly place: StackPlace;
  /** The place of each frame along z, in steps from the first: 0, 1, 2, ... unless slices are missing or uneven. */
  readonly depths: readonly number[];
  /** Why this is no regular volume, one clause each; none if it is one. */
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

const samePlaceMm = 1e-3;
/** Of the step from slice to slice, and in mm, whichever is more. */
const stepTolerance = { part: 0.01, mm: 0.01 };
/** How far a slice may lie beside the straight line through the first and the last, in pixels. */
const sidewaysPixels = 0.5;

/**
 * Stacks the frames of one volume. The axis across slices is (last position - first) / (count - 1), so the tilt of a
 * gantry is kept as shear; thickness counts only where there is one slice. Slices that are missing, doubled, uneven or
 * not placed are problems.
 */
export function stackFrames(unsorted: readonly DicomFrame[]): Stack {
  const notes = spacingNotes(unsorted[0]!);
  const placed = unsorted.every(({ position, directions }) => position !== undefined && directions !== undefined);
  if (unsorted.length === 1) return single(unsorted[0]!, notes);
  if (!placed) return unplaced(unsorted, notes);
  const [alongRow, alongColumn] = unsorted[0]!.directions!;
  const normal = cross(alongRow, alongColumn);
  const along = (frame: DicomFrame): number => dot(frame.position!, normal);
  const sorted = unsorted.toSorted((a, b) => along(a) - along(b) || a.instanceNumber - b.instanceNumber);
  const frames = sorted.filter(
    (frame, index) => index === 0 || along(frame) - along(sorted[index - 1]!) >= samePlaceMm,
  );
  const doubled = doubledProblem(sorted, along);
  if (frames.length === 1) {
    const one = single(frames[0]!, notes);
    return { ...one, problems: doubled };
  }
  const places = frames.map((frame) => along(frame) - along(frames[0]!));
  const gaps = places.slice(1).map((place, index) => place - places[index]!);
  const step = median(gaps);
  const uneven = gapProblems(frames, gaps, step);
  const [first, last] = [frames[0]!.position!, frames.at(-1)!.position!];
  const span = subtract(last, first);
  const slices = uneven.length === 0 ? frames.length - 1 : Math.max(1, Math.round(places.at(-1)! / step));
  return {
    frames,
    place: { steps: [...inPlane(frames[0]!), scale(span, 1 / slices)], origin: first },
    depths:
      uneven.length === 0 ? frames.map((_, index) => index) : places.map((place) => (place * slices) / places.at(-1)!),
    problems: [...doubled, ...uneven, ...sidewaysProblem(frames, places, span)],
    notes,
  };
}

function single(frame: DicomFrame, notes: readonly string[]): Stack {
  const [alongRow, alongColumn] = frame.directions ?? defaultDirections;
  const depth = frame.spacingBetweenSlices || frame.thickness;
  const step = depth !== undefined && depth > 0 ? depth : 1;
  const unknown = [
    ...(frame.directions && frame.position
      ? []
      : ["no position is stored; x is taken to run left, y to the back, z up"]),
    ...(step === depth ? [] : ["no slice thickness is stored; taken as 1 mm"]),
  ];
  const place = {
    steps: [...inPlane(frame), scale(cross(alongRow, alongColumn), step)] as const,
    origin: frame.position ?? ([0, 0, 0] as const),
  };
  return { frames: [frame], place, depths: [0], problems: [], notes: [...notes, ...unknown] };
}

/** Slices without positions, in the order of their numbers: a guess, and a problem. */
function unplaced(unsorted: readonly DicomFrame[], notes: readonly string[]): Stack {
  const frames = unsorted.toSorted((a, b) => a.instanceNumber - b.instanceNumber || a.index - b.index);
  const { place } = single(frames[0]!, []);
  const count = unsorted.filter(({ position, directions }) => !position || !directions).length;
  const problems = [`${count} of ${unsorted.length} slices without a position`];
  return { frames, place, depths: frames.map((_, index) => index), problems, notes };
}

function doubledProblem(sorted: readonly DicomFrame[], along: (frame: DicomFrame) => number): string[] {
  const at = sorted.findIndex((frame, index) => index > 0 && along(frame) - along(sorted[index - 1]!) < samePlaceMm);
  if (at < 0) return [];
  return [`two slices at one position (${shortName(sorted[at - 1]!)} and ${shortName(sorted[at]!)})`];
}

function gapProblems(frames: readonly DicomFrame[], gaps: readonly number[], step: number): string[] {
  const tolerance = Math.max(stepTolerance.part * step, stepTolerance.mm);
  const odd = gaps.map((gap, index) => ({ gap, index })).filter(({ gap }) => Math.abs(gap - step) > tolerance);
  if (odd.length === 0) return [];
  const missing = odd.filter(({ gap }) => gap > 1.5 * step && Math.abs(gap / step - Math.round(gap / step)) < 0.05);
  const words = odd.slice(0, 3).map(({ gap, index }) => {
    return `${millimetres(gap)} between ${shortName(frames[index]!)} and ${shortName(frames[index + 1]!)}`;
  });
  const more = odd.length > 3 ? `, and ${odd.length - 3} more` : "";
  const absent = missing.reduce((sum, { gap }) => sum + Math.round(gap / step) - 1, 0);
  const kind =
    missing.length === odd.length ? `${absent} missing ${absent === 1 ? "slice" : "slices"}` : "uneven slices";
  return [`${kind}: steps of ${millimetres(step)}, but ${words.join(", ")}${more}`];
}

function sidewaysProblem(frames: readonly DicomFrame[], places: readonly number[], span: Vector): string[] {
  const { betweenRows, betweenColumns } = frames[0]!.spacing ?? { betweenRows: 1, betweenColumns: 1 };
  const origin = frames[0]!.position!;
  const off = frames.map((frame, index) => {
    const expected = scale(span, places[index]! / places.at(-1)!);
    return Math.hypot(...subtract(subtract(frame.position!, origin), expected));
  });
  const worst = off.indexOf(Math.max(...off));
  if (off[worst]! <= sidewaysPixels * Math.min(betweenRows, betweenColumns)) return [];
  return [`slices that are not in line: ${shortName(frames[worst]!)} lies ${millimetres(off[worst]!)} beside it`];
}

function spacingNotes({ spacing, photometric }: DicomFrame): string[] {
  return [
    ...(spacing ? [] : ["no pixel spacing is stored; taken as 1 mm"]),
    ...(spacing?.atDetector ? ["the pixel spacing holds at the detector (ImagerPixelSpacing), not in the body"] : []),
    ...(photometric === "MONOCHROME1" ? ["low values are meant to be shown bright (MONOCHROME1); kept as stored"] : []),
  ];
}

const defaultDirections = [
  [1, 0, 0],
  [0, 1, 0],
] as const;

function inPlane({ directions, spacing }: DicomFrame): [x: Vector, y: Vector] {
  const [alongRow, alongColumn] = directions ?? defaultDirections;
  return [scale(alongRow, spacing?.betweenColumns ?? 1), scale(alongColumn, spacing?.betweenRows ?? 1)];
}

/** The last part of a file's name, which is enough to find it in its folder. */
export function shortName({ name }: DicomFrame): string {
  return name.split(/[/\\]/).at(-1)!;
}

function millimetres(value: number): string {
  return `${Number(value.toPrecision(4))} mm`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)]!;
}

function cross(a: Vector, b: Vector): Vector {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function scale(a: Vector, factor: number): Vector {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

function subtract(a: Vector, b: Vector): Vector {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}
