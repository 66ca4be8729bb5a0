import { type PromptedObject, regionOf } from "@ensam/core/geometry";
import { type Merged, openVolume, type Segmenter, type VolumeOptions } from "@ensam/core/inference";
import { interact, scriptedUser } from "@ensam/core/prompts";
import type { Grid } from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";
import { roundsOf } from "./rounds.ts";

/**
 * The masks of all objects after all their prompts. The image is encoded once, on a crop that holds every prompt, and
 * with its axes turned; prompts and masks are those of the stored grid.
 */
export async function segmentImage(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  objects: readonly NamedObject[],
  options: Omit<VolumeOptions, "roi">,
): Promise<Merged> {
  const roi = regionOf(objects, image.shape, options.cropWithoutBox);
  const volume = openVolume(segmenter, image, { ...options, roi });
  try {
    return (await interact<readonly PromptedObject[], Merged>(scriptedUser(roundsOf(objects)), volume.predict))!;
  } finally {
    volume.dispose();
  }
}
