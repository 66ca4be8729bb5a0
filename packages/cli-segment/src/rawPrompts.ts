/**
 * What coordinates count: voxels of the file (z, y, x), or millimetres (x, y, z) to the right, front and up (RAS, as
 * NIfTI and most viewers), or to the left, back and up (LPS, as DICOM, ITK and Slicer's files).
 */
export type Space = "voxel" | "ras" | "lps";

/** A point as it was given: voxels (z, y, x), or millimetres (x, y, z). */
export type RawPoint = readonly [number, number, number];

/** One prompt before it is placed on the image. */
export interface RawPrompt {
  /** What errors call it. */
  readonly where: string;
  /** Label number or name of its object, as text. */
  readonly object: string;
  readonly space: Space;
  readonly prompt: PlacelessPrompt;
}

export type PlacelessPrompt =
  /** Two opposite corners, both inside. */
  | { readonly kind: "box"; readonly corners: readonly [RawPoint, RawPoint] }
  /** A box in space by its middle and half its edges, each edge a direction with a length: it may be turned. */
  | { readonly kind: "roi"; readonly center: RawPoint; readonly halfEdges: readonly [RawPoint, RawPoint, RawPoint] }
  | { readonly kind: "click"; readonly at: RawPoint; readonly foreground: boolean };

/** Prompts of a file, and the names it gives to label numbers. */
export interface PromptFile {
  readonly prompts: readonly RawPrompt[];
  readonly names: ReadonlyMap<number, string>;
  /** What was left out, one sentence each. */
  readonly notes: readonly string[];
}

/** How the prompts of Slicer's files are to be taken, which name neither objects nor kinds. */
export interface SlicerReading {
  readonly object: string;
  /** All points of the file are background clicks. */
  readonly isBackground: boolean;
  /** For a file that states no coordinate system. */
  readonly space?: Space;
}

/** The object of a prompt that names none. */
export const firstObject = "1";

/** What an object of a prompt file without label and name is called until it gets its label; no user's name holds a zero byte. */
export function unnamedObject(index: number): string {
  return `\0${index}`;
}

/** Whether an object is called by something that a user can know. */
export function hasName(object: string): boolean {
  return !object.startsWith("\0");
}

/** Whether a text is a label number, from 1, written without zeros before it. */
export function isLabel(text: string): boolean {
  return /^[1-9]\d{0,8}$/.test(text);
}

/** Whether a text is a number of any kind: one that is no label is a mistake, not a name. */
export function looksLikeNumber(text: string): boolean {
  return /^\s*[+-]?[\d\p{Nd}.,]+(e[+-]?\d+)?\s*$/iu.test(text);
}
