import { sameZyx } from "../geometry/index.ts";
import { type SimulatedUserOptions, type Simulation, simulation } from "../prompts/index.ts";
import type { Grid, LabelMap } from "../voxels/index.ts";
import { openVolume, type VolumeOptions } from "./openVolume.ts";
import type { Segmenter } from "./segmenter.ts";

/**
 * The challenge's user with a segmenter: each object keeps its own previous logits.
 *
 * @param image  the 8-bit volume, same shape as `truth`
 * @param now    a clock, in seconds
 */
export async function simulateCase(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  truth: LabelMap,
  { now, ...options }: SimulatedUserOptions & VolumeOptions & { readonly now: () => number },
): Promise<Simulation> {
  if (!sameZyx(image.shape, truth.shape)) {
    throw new RangeError(`simulateCase: truth: expected shape [${image.shape}], got [${truth.shape}]`);
  }
  const volume = openVolume(segmenter, image, options);
  try {
    return await simulation(truth, options, async ({ objects }) => {
      const start = now();
      const { labels } = await volume.predict(objects);
      return { labels, seconds: now() - start };
    });
  } finally {
    volume.dispose();
  }
}
