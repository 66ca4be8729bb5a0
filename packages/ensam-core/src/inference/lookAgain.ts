import { inverseTurn, type PromptedObject, turnBox, turnPrompts, turnZyx } from "../geometry/index.ts";
import type { FramedLogits } from "../voxels/index.ts";
import { type Look, nextLook } from "./nextLook.ts";
import type { PromptedImage } from "./promptedImage.ts";

export interface LookAgainOptions {
  /** Whether objects without box are looked at finer too, see `nextLook`. @default false */
  readonly finerWithoutBox?: boolean;
  /** Looks at most. @default 4 */
  readonly most?: number;
}

/**
 * Looks at one object again, in wider crops while its mask is cut off, then in finer ones while that shows more of it
 * (see `nextLook`). Each look gets the answer before as its previous logits, and all prompts at once; background clicks
 * outside of a finer crop are left out. A look that loses the object is not taken, and ends it.
 *
 * @param object  its prompts in voxels of the image as stored
 * @returns       the last answer, and the crops that were looked at, in voxels of the image as stored
 */
export async function lookAgain(
  image: PromptedImage,
  object: PromptedObject,
  answer: FramedLogits,
  { finerWithoutBox, most = 4 }: LookAgainOptions = {},
): Promise<FramedLogits & { readonly looks: readonly Look[] }> {
  const { turn, shape, maxVoxels } = image;
  const turned = turnPrompts(turn, shape, object);
  const looks: Look[] = [];
  let seen = answer;
  while (looks.length < most) {
    const look = nextLook(seen.frame, seen.logits, turned, maxVoxels, finerWithoutBox);
    if (look === undefined || (look.why === "wider" && looks.at(-1)?.why === "finer")) break;
    const next = await image.answer(image.frame(look.crop), object, seen);
    if (!next.logits.some((value) => value > 0)) break;
    seen = next;
    looks.push({ ...look, crop: turnBox(inverseTurn(turn), turnZyx(turn, shape), look.crop) });
  }
  return { ...seen, looks };
}
