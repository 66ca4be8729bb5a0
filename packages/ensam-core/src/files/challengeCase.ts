import { type Affine, type AxisTurn, type ChallengeBox, determinant, type Zyx } from "../geometry/index.ts";
import type { Grid, LabelMap } from "../voxels/index.ts";
import { describeValue } from "./describeValue.ts";
import { FileError } from "./fileError.ts";
import { labelMapOf } from "./labelMap.ts";
import { type NpzArchive, readNpz } from "./npz.ts";
import type { NpyArray, NpyValue, PickledValue } from "./pythonValues.ts";
import { spacingOf } from "./storedSpacing.ts";

/** The clicks of one object, each an array index (z, y, x). */
export interface StoredClicks {
  readonly fg: readonly Zyx[];
  readonly bg: readonly Zyx[];
}

/** One entry of `clicks_order`: which list the click went to, null where the object had no error left. */
export type StoredClickKind = "fg" | "bg" | null;

/** The grid of an image file, and how an npz was made from it: turned, and perhaps only some slices kept. */
export interface SourceGrid {
  readonly affine: Affine;
  readonly shape: Zyx;
  readonly turn: AxisTurn;
  /** Which slices of the turned grid were kept; without it, all. */
  readonly slices?: readonly number[] | undefined;
}

/** What a challenge .npz file holds, typed; a key that the file does not have is undefined. */
export interface ChallengeCase {
  readonly imgs?: Grid;
  readonly gts?: LabelMap;
  /** mm along (z, y, x). */
  readonly spacing?: Zyx;
  /** mm as the file has it: x, y, z. */
  readonly storedSpacing?: readonly [number, number, number];
  /** Where the arrays lie: 16 numbers row by row, voxel (x, y, z, 1) to mm (right, anterior, superior, 1), as NIfTI has it. */
  readonly affine?: Affine;
  /** The grid of the image file that the arrays were made from. */
  readonly source?: SourceGrid;
  readonly boxes?: readonly ChallengeBox[];
  readonly clicks?: readonly StoredClicks[];
  /** Per object, one entry per click so far. */
  readonly clicksOrder?: readonly (readonly StoredClickKind[])[];
  readonly prevPred?: LabelMap;
  readonly segs?: LabelMap;
  /** One label map per model call. */
  readonly allSegs?: readonly LabelMap[];
  readonly textPrompts?: { readonly [name: string]: PickledValue };
}

/** The names of the keys in the file, and of the fields here. */
export const challengeKeys = {
  imgs: "imgs",
  gts: "gts",
  spacing: "spacing",
  affine: "affine",
  source_affine: "source",
  boxes: "boxes",
  clicks: "clicks",
  clicks_order: "clicksOrder",
  prev_pred: "prevPred",
  segs: "segs",
  all_segs: "allSegs",
  text_prompts: "textPrompts",
} as const satisfies Record<string, keyof ChallengeCase>;

export type ChallengeKey = keyof typeof challengeKeys;

const boxFields = ["z_min", "z_max", "z_mid", "z_mid_x_min", "z_mid_y_min", "z_mid_x_max", "z_mid_y_max"] as const;

/**
 * The challenge case in an .npz file. With `keys`, just those are read, and each must be there; without, all that the
 * file has. Rejects with a FileError that names the key.
 */
export async function readChallengeCase(path: string, keys?: readonly ChallengeKey[]): Promise<ChallengeCase> {
  return challengeCaseOf(await readNpz(path), keys);
}

/** The same of an archive that is open. */
export function challengeCaseOf(archive: NpzArchive, keys?: readonly ChallengeKey[]): ChallengeCase {
  const known = Object.keys(challengeKeys) as ChallengeKey[];
  const fields = (keys ?? known.filter((key) => archive.has(key))).map((key) => readKey(archive, key));
  return Object.assign({}, ...fields) as ChallengeCase;
}

function readKey(archive: NpzArchive, key: ChallengeKey): ChallengeCase {
  const where = `${archive.path}: ${key}`;
  switch (key) {
    case "imgs":
      return { imgs: gridOf(where, archive.numbers(key)) };
    case "gts":
    case "segs":
    case "prev_pred":
      return { [challengeKeys[key]]: labelMapOf(where, gridOf(where, archive.numbers(key))).labels };
    case "all_segs":
      return { allSegs: stackOf(where, archive.numbers(key)) };
    case "spacing":
      return spacingOf(where, archive.numbers(key));
    case "affine":
      return { affine: affineIn(where, archive.numbers(key)) };
    case "source_affine":
      return { source: sourceGridOf(archive) };
    case "boxes":
      return { boxes: objectsOf(where, archive.get(key)).map((box, index) => boxOf(`${where}[${index}]`, box)) };
    case "clicks":
      return {
        clicks: objectsOf(where, archive.get(key)).map((clicks, index) => clicksOf(`${where}[${index}]`, clicks)),
      };
    case "clicks_order":
      return { clicksOrder: orderOf(where, archive.get(key)) };
    case "text_prompts":
      return { textPrompts: textPromptsOf(where, archive.get(key)) };
  }
}

/** The three-dimensional array as a grid; other ranks are a FileError. */
export function gridOf(where: string, { data, shape }: NpyArray): Grid {
  if (shape.length !== 3 || data.length === 0)
    throw new FileError(where, "an array of three axes (z, y, x)", `shape [${shape}]`);
  return { data, shape: shape as unknown as Zyx };
}

/** The affine in a member of 4 x 4 numbers; anything else is a FileError. */
export function affineIn(where: string, { data, shape }: NpyArray): Affine {
  const affine = Array.from(data);
  const isOne = shape.join() === "4,4" && affine.slice(12).join() === "0,0,0,1";
  if (isOne && affine.every(Number.isFinite) && determinant(affine) !== 0) return affine;
  throw new FileError(where, "an affine of 4 x 4 numbers with an inverse", `shape [${shape}]: ${affine.slice(0, 16)}`);
}

function sourceGridOf(archive: NpzArchive): SourceGrid {
  const list = (key: string, least: number, count?: number): number[] =>
    listOf(`${archive.path}: ${key}`, archive.numbers(key), least, count);
  const turn = list("source_turn", 0, 6);
  const [order, flips] = [turn.slice(0, 3), turn.slice(3)];
  if (order.toSorted().join() !== "0,1,2" || flips.some((flip) => flip > 1)) {
    throw new FileError(`${archive.path}: source_turn`, "an order of axes 0, 1, 2 and three flips 0 or 1", `[${turn}]`);
  }
  return {
    affine: affineIn(`${archive.path}: source_affine`, archive.numbers("source_affine")),
    shape: list("source_shape", 1, 3) as unknown as Zyx,
    turn: { order: order as unknown as AxisTurn["order"], flips: flips.map(Boolean) as unknown as AxisTurn["flips"] },
    ...(archive.has("source_slices") && { slices: list("source_slices", 0) }),
  };
}

function listOf(where: string, { data, shape }: NpyArray, least: number, count = data.length): number[] {
  const list = Array.from(data);
  if (shape.length === 1 && list.length === count && list.every((value) => Number.isInteger(value) && value >= least))
    return list;
  throw new FileError(where, `${count} whole numbers from ${least} on`, `[${list.slice(0, 8)}]`);
}

function stackOf(where: string, { data, shape }: NpyArray): LabelMap[] {
  if (shape.length !== 4) throw new FileError(where, "an array of four axes (call, z, y, x)", `shape [${shape}]`);
  const [calls, ...volume] = shape as [number, number, number, number];
  const size = data.length / calls;
  return Array.from({ length: calls }, (_, call) => {
    return labelMapOf(where, { data: data.subarray(call * size, (call + 1) * size), shape: volume }).labels;
  });
}

/** The items of an object array; numpy turns a list of equal-length lists into a numeric array, which is refused. */
function objectsOf(where: string, value: NpyValue): readonly PickledValue[] {
  if ("objects" in value && value.shape.length <= 1) return value.objects;
  if ("data" in value && value.data.length === 0) return [];
  throw new FileError(where, "an array of one dict per object", `${value.dtype} of shape [${value.shape}]`);
}

function boxOf(where: string, value: PickledValue): ChallengeBox {
  const box = dictOf(where, value);
  for (const field of boxFields) {
    if (!Number.isInteger(box[field]))
      throw new FileError(where, `a whole number for ${field}`, describeValue(box[field]));
  }
  return Object.fromEntries(boxFields.map((field) => [field, box[field]])) as unknown as ChallengeBox;
}

function clicksOf(where: string, value: PickledValue): StoredClicks {
  const dict = dictOf(where, value);
  return { fg: pointsOf(`${where}.fg`, dict.fg), bg: pointsOf(`${where}.bg`, dict.bg) };
}

function pointsOf(where: string, value: PickledValue | undefined): Zyx[] {
  if (!Array.isArray(value)) throw new FileError(where, "a list of points", describeValue(value));
  return (value as readonly PickledValue[]).map((point) => {
    const isPoint = Array.isArray(point) && point.length === 3 && point.every((index) => Number.isInteger(index));
    if (!isPoint) throw new FileError(where, "points of three whole numbers (z, y, x)", describeValue(point));
    return [...(point as number[])] as unknown as Zyx;
  });
}

function orderOf(where: string, value: NpyValue): StoredClickKind[][] {
  const items = "objects" in value ? value.objects : "text" in value ? value.text : [];
  const [rows = 0, columns] = value.shape;
  const isNested = columns === undefined; // An array of lists, which numpy makes when the lists differ in length.
  return Array.from({ length: rows }, (_, row) => {
    const entries = isNested ? items[row] : items.slice(row * columns, (row + 1) * columns);
    if (!Array.isArray(entries))
      throw new FileError(where, "one list of fg, bg or None per object", describeValue(entries));
    return (entries as readonly PickledValue[]).map((entry) => {
      if (entry === "fg" || entry === "bg" || entry === null) return entry;
      throw new FileError(where, "fg, bg or None", describeValue(entry));
    });
  });
}

function textPromptsOf(where: string, value: NpyValue): { readonly [name: string]: PickledValue } {
  const isOne = "objects" in value && value.objects.length === 1;
  if (!isOne) throw new FileError(where, "one dict", `${value.dtype} of shape [${value.shape}]`);
  return dictOf(where, value.objects[0]);
}

function dictOf(where: string, value: PickledValue | undefined): { readonly [key: string]: PickledValue } {
  const isDict =
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.getPrototypeOf(value) === null;
  if (!isDict) throw new FileError(where, "a dict", describeValue(value));
  return value as { readonly [key: string]: PickledValue };
}
