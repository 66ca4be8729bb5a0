import type { Box, Zyx } from "../voxels/index.ts";
import { cellOf, cornersOf, type View } from "./view.ts";

/** A click on a voxel of the whole volume. */
export interface Click {
  readonly at: Zyx;
  readonly foreground: boolean;
}

/** What the user has said about one object so far: clicks accumulate, the box stays. Volume voxels, box half-open. */
export interface PromptedObject {
  /** The value that the object gets in the label map: a positive integer. */
  readonly label: number;
  readonly box?: Box;
  readonly clicks: readonly Click[];
}

/** The prompts of one object in cells of the padded grid, as the model takes them; corners are inclusive. */
export interface GridPrompts {
  readonly box?: { readonly low: Zyx; readonly high: Zyx };
  readonly clicks: readonly Click[];
}

/** Prompts through crop and pooling: each point becomes the cell that holds it, so nothing can leave the grid. */
export function gridPrompts(view: View, object: Omit<PromptedObject, "label">): GridPrompts {
  const clicks = object.clicks.map((click) => ({ at: cellOf(view, click.at), foreground: click.foreground }));
  return object.box === undefined ? { clicks } : { box: cornersOf(view, object.box), clicks };
}

/** True if both ask the model the same thing. */
export function samePrompts(a: Omit<PromptedObject, "label">, b: Omit<PromptedObject, "label">): boolean {
  return JSON.stringify([a.box, a.clicks]) === JSON.stringify([b.box, b.clicks]);
}
