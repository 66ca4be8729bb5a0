import type { Grid, LabelMap, RandomStream, Zyx } from "../voxels/index.ts";
import { acquire } from "./acquire.ts";
import { blockLabels, blockMeans } from "./cells.ts";
import { keepObjects } from "./keepObjects.ts";
import type { LabelSource } from "./labelSource.ts";
import { paintTissues } from "./paintTissues.ts";
import { sampleLabels } from "./sampleLabels.ts";
import { drawStyle, type StyleName } from "./style.ts";
import { drawView } from "./view.ts";

export interface SynthesisOptions {
  /** Most voxels along an axis of the image. */
  readonly size: number;
  readonly style: StyleName;
}

/** A synthetic image with the truth that it was made from. */
export interface SyntheticImage {
  readonly image: Grid<Uint8Array>;
  /** 1, 2, ...; 0 is background. */
  readonly labels: LabelMap;
  /** The label in the source's map of each of these, from 1 on. */
  readonly from: readonly number[];
  /** mm along (z, y, x). */
  readonly spacing: Zyx;
}

/** Views that are tried when an object is lost between the voxels of the image. */
const mostTries = 8;

/**
 * An image of a modality round one object of a label map: any contrast, texture, resolution, noise, from any side. The
 * same stream gives the same image.
 *
 * Source: the idea of SynthSeg (Billot et al., Medical Image Analysis 86, 2023, arXiv 2107.09559): a network that
 * learns from label maps under random contrast and resolution needs no images. Ours differs in what a promptable model
 * needs: images are crops round objects, all axis orders occur, what is not labelled gets structure, modalities have
 * their own noise.
 *
 * @param label  the object in the middle
 * @throws RangeError when the object is too small to be seen in any of eight views
 */
export function synthesizeImage(
  source: LabelSource,
  label: number,
  { size, style: name }: SynthesisOptions,
  random: RandomStream,
): SyntheticImage {
  for (let attempt = 0; attempt < mostTries; attempt++) {
    const view = drawView(source, label, size, random);
    const fine = sampleLabels(source, view);
    const { labels, from, hasFocus } = keepObjects(blockLabels(fine, view.parts), label);
    if (!hasFocus) continue;
    const style = drawStyle(name, random);
    const image = acquire(blockMeans(paintTissues(fine, style, random), view.parts), style, random);
    return { image, labels, from, spacing: view.spacing };
  }
  throw new RangeError(`labels: expected an object of visible size, got label ${label} that no view shows`);
}
