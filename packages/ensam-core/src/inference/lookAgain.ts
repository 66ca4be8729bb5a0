import { frameOf, inverseTurn, isInside, type PromptedObject, turnBox, turnVoxel, turnZyx } from "../geometry/index.ts";
import { frameNeeds } from "../model/index.ts";
import { type FramedLogits, type Grid, reframeLogits } from "../voxels/index.ts";
import { type Look, nextLook } from "./nextLook.ts";
import { turnedObject } from "./openVolume.ts";
import { decodeObject, disposeEncoded, encodeFrame, type Segmenter } from "./segmenter.ts";

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
 * Looks at one object again, in wider crops while its mask is cut off, then in finer ones while that shows more of it
 * (see `nextLook`). Each look gets the answer before as its previous logits, and all prompts at once; background clicks
 * outside of a finer crop are left out. A look that loses the object is not taken, and ends it.
 *
 * @param image   as stored
 * @param object  its prompts in voxels of the image as stored
 * @returns       the last answer, and the crops that were looked at, in voxels of the image as stored
 */
export async function lookAgain(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  object: PromptedObject,
  answer: FramedLogits,
  { maxVoxels, finerWithoutBox, most = 4, pause }: LookAgainOptions,
): Promise<FramedLogits & { readonly looks: readonly Look[] }> {
  const { turn } = answer.frame;
  const turned = turnedObject(turn, image.shape, object);
  const looks: Look[] = [];
  let { frame, logits } = answer;
  while (looks.length < most) {
    const look = nextLook(frame, logits, turned, maxVoxels, finerWithoutBox);
    if (look === undefined || (look.why === "wider" && looks.at(-1)?.why === "finer")) break;
    const next = frameOf(image.shape, look.crop, maxVoxels, {
      turn,
      ...frameNeeds(segmenter.config, answer.frame.spacing),
    });
    const encoded = encodeFrame(segmenter, image, next);
    try {
      const clicks = object.clicks.filter(({ at, foreground }) => {
        return foreground || isInside(look.crop, turnVoxel(turn, image.shape, at));
      });
      const before = reframeLogits(logits, frame, next);
      const seen = await decodeObject(segmenter, encoded, { ...object, clicks }, before);
      if (!seen.some((value) => value > 0)) break;
      [frame, logits] = [next, seen];
      looks.push({ ...look, crop: turnBox(inverseTurn(turn), turnZyx(turn, image.shape), look.crop) });
    } finally {
      disposeEncoded(encoded);
    }
    await pause?.();
  }
  return { frame, logits, looks };
}
