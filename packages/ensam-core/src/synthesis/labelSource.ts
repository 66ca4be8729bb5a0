import { type LabelExtent, type LabelMap, labelBoxes, type Zyx } from "../voxels/index.ts";

/** A label map to make images from, with where each of its objects lies. */
export interface LabelSource {
  readonly labels: LabelMap;
  /** mm along (z, y, x). */
  readonly spacing: Zyx;
  /** By label, ascending; background is not among them. */
  readonly objects: ReadonlyMap<number, LabelExtent>;
}

/**
 * Looks up the objects of a label map once, for any number of images.
 *
 * @throws RangeError when the map has no object
 */
export function labelSource(labels: LabelMap, spacing: Zyx): LabelSource {
  const objects = labelBoxes(labels);
  if (objects.size === 0) throw new RangeError("labels: expected at least one object, got only background");
  return { labels, spacing, objects };
}
