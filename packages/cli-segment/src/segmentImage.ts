import { type AxisTurn, inverseTurn } from "@ensam/core/geometry";
import { type Merged, openVolume, regionOf, type Segmenter, type VolumeOptions } from "@ensam/core/inference";
import { type Grid, turnGrid } from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";
import { roundsOf } from "./rounds.ts";
import { turnObjects } from "./turnObjects.ts";

/**
 * The masks of all objects after all their prompts. The image is encoded once, on a crop that holds every prompt, and
 * with its axes turned; prompts and masks are those of the stored grid.
 */
export async function segmentImage(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  objects: readonly NamedObject[],
  { turn, ...options }: Omit<VolumeOptions, "roi"> & { readonly turn: AxisTurn },
): Promise<Merged> {
  const seen = turnGrid(image, turn);
  const prompted = turnObjects(objects, turn, image.shape);
  const roi = regionOf(prompted, seen.shape, options.cropWithoutBox);
  const volume = openVolume(segmenter, seen, { ...options, roi });
  try {
    const [first, ...others] = roundsOf(prompted);
    let merged = await volume.predict(first!);
    for (const round of others) merged = await volume.predict(round);
    return { ...merged, labels: turnGrid<typeof merged.labels.data>(merged.labels, inverseTurn(turn)) };
  } finally {
    volume.dispose();
  }
}
