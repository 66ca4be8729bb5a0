/** A point as it was given: voxels (z, y, x), or millimetres (x, y, z) right, anterior, superior. */
export type RawPoint = readonly [number, number, number];

/** One prompt before it is placed on the image. */
export interface RawPrompt {
  /** What errors call it. */
  readonly where: string;
  /** Label number or name of its object, as text. */
  readonly object: string;
  readonly space: "voxel" | "mm";
  readonly prompt:
    | { readonly kind: "box"; readonly corners: readonly [RawPoint, RawPoint] }
    | { readonly kind: "click"; readonly at: RawPoint; readonly foreground: boolean };
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

/** Whether a text is a label number, from 1; zeros before it do not count. */
export function isLabel(text: string): boolean {
  return /^0*[1-9]\d{0,8}$/.test(text);
}

/** Whether a text is a number of any kind: one that is no label is a mistake, not a name. */
export function looksLikeNumber(text: string): boolean {
  return /^\s*[+-]?[\d\p{Nd}.,]+(e[+-]?\d+)?\s*$/iu.test(text);
}
