import { type Merged, openVolume, regionOf, type Segmenter, type VolumeOptions } from "@ensam/core/inference";
import type { Grid } from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";
import { roundsOf } from "./rounds.ts";

/** The masks of all objects after all their prompts. The image is encoded once, on a crop that holds every prompt. */
export async function segmentImage(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  objects: readonly NamedObject[],
  options: Omit<VolumeOptions, "roi">,
): Promise<Merged> {
  const roi = regionOf(objects, image.shape, options.cropWithoutBox);
  const volume = openVolume(segmenter, image, { ...options, roi });
  try {
    const [first, ...others] = roundsOf(objects);
    let merged = await volume.predict(first!);
    for (const round of others) merged = await volume.predict(round);
    return merged;
  } finally {
    volume.dispose();
  }
}
