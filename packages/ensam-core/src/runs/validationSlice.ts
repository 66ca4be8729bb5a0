import { writeFileAtomically } from "../files/index.ts";
import type { Zyx } from "../geometry/index.ts";
import { runFolder } from "./runFolder.ts";

/** One slice of a validation case with truth and prediction; the run folder keeps the last one. */
export interface ValidationSlice {
  readonly type: "slice";
  readonly step: number;
  readonly case: string;
  readonly label?: number;
  readonly dsc?: number;
  /** Place along the first axis of the volume. */
  readonly z: number;
  readonly shape: readonly [rows: number, columns: number];
  /** base64 of one byte per pixel: intensity 0..255. */
  readonly image: string;
  /** base64 of one byte per pixel: bit 0 truth, bit 1 prediction. */
  readonly masks: string;
}

/** Larger slices are thinned: no terminal shows more. */
const mostPixels = 160;

export interface SliceInput {
  readonly step: number;
  readonly case: string;
  readonly label?: number;
  readonly dsc?: number;
  /** [D, H, W] */
  readonly shape: Zyx;
  /** [D, H, W], intensities 0..1. */
  readonly volume: Float32Array;
  /** [D, H, W], 0 or 1. */
  readonly truth: Uint8Array;
  /** [D, H, W]: foreground above 0, so that logits can be given as they are. */
  readonly prediction: Float32Array | Uint8Array;
}

/** The slice along z in which the truth is largest. */
export function validationSlice(input: SliceInput): ValidationSlice {
  const { shape, volume, truth, prediction } = input;
  const [depth, height, width] = shape;
  const z = largestSlice(truth, depth, height * width);
  const every = Math.max(1, Math.ceil(Math.max(height, width) / mostPixels));
  const [rows, columns] = [Math.ceil(height / every), Math.ceil(width / every)];
  const image = new Uint8Array(rows * columns);
  const masks = new Uint8Array(rows * columns);
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const from = (z * height + y * every) * width + x * every;
      image[y * columns + x] = Math.round(255 * Math.min(1, Math.max(0, volume[from]!)));
      masks[y * columns + x] = (truth[from]! > 0 ? 1 : 0) | (prediction[from]! > 0 ? 2 : 0);
    }
  }
  return {
    type: "slice",
    step: input.step,
    case: input.case,
    ...(input.label !== undefined && { label: input.label }),
    ...(input.dsc !== undefined && { dsc: input.dsc }),
    z,
    shape: [rows, columns],
    image: Buffer.from(image).toString("base64"),
    masks: Buffer.from(masks).toString("base64"),
  };
}

/** Puts the slice where monitors look for it. */
export function writeValidationSlice(folder: string, slice: ValidationSlice): Promise<void> {
  return writeFileAtomically(runFolder(folder).slice, Buffer.from(`${JSON.stringify(slice)}\n`));
}

/** Whether a row is a slice whose pixels are all there. */
export function isSlice(row: object): row is ValidationSlice {
  const { type, shape, image, masks } = row as Partial<ValidationSlice>;
  if (type !== "slice" || !Array.isArray(shape) || typeof image !== "string" || typeof masks !== "string") return false;
  const [rows, columns] = shape as readonly unknown[];
  if (!Number.isInteger(rows) || !Number.isInteger(columns)) return false;
  const pixels = (rows as number) * (columns as number);
  return pixels > 0 && [image, masks].every((bytes) => Buffer.from(bytes, "base64").length === pixels);
}

function largestSlice(truth: Uint8Array, depth: number, area: number): number {
  let [best, most] = [Math.floor(depth / 2), 0];
  for (let z = 0; z < depth; z++) {
    let voxels = 0;
    for (let i = z * area; i < (z + 1) * area; i++) voxels += truth[i]!;
    if (voxels > most) [best, most] = [z, voxels];
  }
  return best;
}
