import { type Affine, affineOfLps } from "../geometry/index.ts";
import { FileError } from "./fileError.ts";
import { mmOf } from "./lengthUnits.ts";
import type { Note } from "./note.ts";
import { type NrrdHeader, wordsOf } from "./nrrdHeader.ts";

/** Where a NRRD's three spatial axes lie, in mm, and what a user should know about it. */
export interface NrrdPlacement {
  readonly affine: Affine;
  readonly hasDirections: boolean;
  readonly notes: readonly Note[];
}

/** The signs that turn the first two coordinates of a space into LPS (left, posterior, superior). */
const spaces: Readonly<Record<string, readonly [number, number] | undefined>> = {
  "right-anterior-superior": [-1, -1],
  ras: [-1, -1],
  "left-anterior-superior": [1, -1],
  las: [1, -1],
  "left-posterior-superior": [1, 1],
  lps: [1, 1],
};

/** The directions of all axes as `space directions` gives them: three mm or unit lengths, or undefined for an axis that is not spatial. */
export function axisDirections(path: string, header: NrrdHeader): (number[] | undefined)[] | undefined {
  if (!header.fields.has("space directions")) return undefined;
  return wordsOf(header, "space directions").map((word) => {
    if (/^(none|\?\?\?)$/i.test(word)) return undefined;
    const vector = vectorOf(path, "space directions", word);
    return vector.every(Number.isNaN) ? undefined : vector;
  });
}

/**
 * The affine of the axes `spatial` (three indices, fastest first): from `space directions` and `space origin` in the
 * space that the header names, else from spacings or axis ranges, as teem and ITK take them. Units other than mm are
 * turned into mm.
 */
export function nrrdPlacement(
  path: string,
  header: NrrdHeader,
  spatial: readonly number[],
  sizes: readonly number[],
): NrrdPlacement {
  const directions = axisDirections(path, header);
  if (directions === undefined) return placementWithoutDirections(path, header, spatial, sizes);
  const notes: Note[] = [];
  const signs = spaceSigns(header, notes);
  const scales = unitScales(wordsOf(header, "space units"), [0, 1, 2], notes);
  const toLps = (vector: readonly number[]): number[] =>
    vector.map((value, row) => value * scales[row]! * (signs[row] ?? 1));
  const columns = spatial.map((axis) => toLps(directions[axis]!));
  const origin = header.fields.get("space origin");
  const start = origin === undefined ? [0, 0, 0] : toLps(vectorOf(path, "space origin", origin));
  const byRow = [0, 1, 2].flatMap((row) => columns.map((column) => column[row]!));
  return { affine: affineOfLps([1, 1, 1], byRow, start), hasDirections: true, notes };
}

function spaceSigns(header: NrrdHeader, notes: Note[]): readonly number[] {
  const stored = header.fields.get("space");
  const name = (stored ?? "").toLowerCase().replace(/-time$|(?<=^(ras|las|lps))t$/, "");
  const signs = spaces[name];
  if (signs === undefined) {
    notes.push({
      doubt: `the space ${stored === undefined ? "is not named" : `"${stored}" has no anatomical meaning`}; taken as left, posterior, superior`,
    });
  }
  return signs ?? [1, 1];
}

/** Three finite numbers in brackets; of a space with time as fourth axis, the first three of four. */
function vectorOf(path: string, field: string, text: string): number[] {
  const values = text
    .replace(/^\(|\)$/g, "")
    .split(",")
    .map((word) => (word.trim() === "" ? Number.NaN : Number(word)));
  const isTimed = values.length === 4;
  if (!/^\(.*\)$/.test(text) || (values.length !== 3 && !isTimed)) {
    throw new FileError(path, `vectors of three numbers as ${field}`, JSON.stringify(text.slice(0, 60)));
  }
  return values.slice(0, 3);
}

/** mm per unit of each of `axes`, by the names at their places in `units`. */
function unitScales(units: readonly string[], axes: readonly number[], notes: Note[]): number[] {
  const names = axes.map((axis) => (units[axis] ?? "").replace(/^"|"$/g, ""));
  const unknown = new Set(names.filter((name) => !/^(|\?\?\?|none)$/i.test(name) && mmOf(name) === undefined));
  for (const name of unknown) notes.push({ doubt: `the unit ${JSON.stringify(name)} is not known; taken as mm` });
  const scales = names.map((name) => mmOf(name) ?? 1);
  const turned = new Set(names.filter((_, index) => scales[index] !== 1));
  for (const name of turned) notes.push(`lengths are stored in ${name} and turned into mm`);
  return scales;
}

function placementWithoutDirections(
  path: string,
  header: NrrdHeader,
  spatial: readonly number[],
  sizes: readonly number[],
): NrrdPlacement {
  const notes: Note[] = [];
  const scales = unitScales(wordsOf(header, "units"), spatial, notes);
  const numbers = (field: string): number[] => spatial.map((axis) => Number(wordsOf(header, field)[axis] ?? "NaN"));
  const centerings = wordsOf(header, "centerings");
  const [spacings, mins, maxs] = [numbers("spacings"), numbers("axis mins"), numbers("axis maxs")];
  const isMissing: boolean[] = [];
  const axes = spatial.map((axis, index) => {
    const isNode = centerings[axis]?.toLowerCase() === "node";
    const range = (maxs[index]! - mins[index]!) / (sizes[axis]! - (isNode ? 1 : 0));
    const spacing = Number.isFinite(spacings[index]) ? spacings[index]! : range;
    isMissing.push(!Number.isFinite(spacing));
    const length = Number.isFinite(spacing) ? spacing : 1;
    const start = Number.isFinite(mins[index]) ? mins[index]! + (isNode ? 0 : length / 2) : 0;
    return { length: length * scales[index]!, start: start * scales[index]! };
  });
  if (isMissing.includes(true)) notes.push({ doubt: "a voxel size is missing and taken as 1 mm" });
  notes.push("no orientation is stored; x is taken to run left, y to the back, z up");
  const origin = header.fields.get("space origin");
  const start = origin === undefined ? axes.map((axis) => axis.start) : vectorOf(path, "space origin", origin);
  const lengths = axes.map((axis) => axis.length);
  return { affine: affineOfLps(lengths, [1, 0, 0, 0, 1, 0, 0, 0, 1], start), hasDirections: false, notes };
}
