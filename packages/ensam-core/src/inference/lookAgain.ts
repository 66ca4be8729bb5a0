import type { Grid } from "../voxels/index.ts";
import { carryLogits } from "./carry.ts";
import { type Look, nextLook } from "./nextLook.ts";
import type { PromptedObject } from "./prompts.ts";
import { decodeObject, disposeView, encodeView, type Segmenter } from "./segmenter.ts";
import { isInside, type View, viewOf } from "./view.ts";

/** What the model answered about an object, and on which grid. */
export interface ViewedLogits {
  readonly view: View;
  /** [D, H, W] of `view.paddedShape`. */
  readonly logits: Float32Array;
}

export interface LookAgainOptions {
  /** Largest grid given to the model, in cells before padding. */
  readonly maxVoxels: number;
  /** Whether objects without box are looked at finer too, see `nextLook`. @default false */
  readonly finerWithoutBox?: boolean;
  /** Looks at most. @default 4 */
  readonly most?: number;
  /** Waited for after each look. */
  readonly pause?: () => Promise<unknown>;
}

/**
 * Looks at one object again, in wider crops while its mask is cut off, then in finer ones while that shows more of it (see `nextLook`).
 * Each look gets the answer before as its previous logits, and all prompts at once; background clicks outside of a finer crop are
 * left out. A look that loses the object is not taken, and ends it.
 */
export async function lookAgain(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  object: PromptedObject,
  answer: ViewedLogits,
  { maxVoxels, finerWithoutBox, most = 4, pause }: LookAgainOptions,
): Promise<ViewedLogits & { readonly looks: readonly Look[] }> {
  const looks: Look[] = [];
  let { view, logits } = answer;
  while (looks.length < most) {
    const look = nextLook(view, logits, object, maxVoxels, finerWithoutBox);
    if (look === undefined || (look.why === "wider" && looks.at(-1)?.why === "finer")) break;
    const next = viewOf(image.shape, look.crop, maxVoxels);
    const encoded = encodeView(segmenter, image, next);
    try {
      const clicks = object.clicks.filter(({ at, foreground }) => foreground || isInside(look.crop, at));
      const seen = await decodeObject(segmenter, encoded, { ...object, clicks }, carryLogits(logits, view, next));
      if (!seen.some((value) => value > 0)) break;
      [view, logits] = [next, seen];
      looks.push(look);
    } finally {
      disposeView(encoded);
    }
    await pause?.();
  }
  return { view, logits, looks };
}
