import { boxMargin, type PromptedObject, regionOf } from "@ensam/core/geometry";
import {
  type Look,
  lookAgain,
  type Merged,
  mergeAnswers,
  openVolume,
  type Segmenter,
  type VolumeOptions,
} from "@ensam/core/inference";
import { interact, scriptedUser } from "@ensam/core/prompts";
import {
  type Box,
  type FramedLogits,
  type Grid,
  growBox,
  type LabelMap,
  labelBoxes,
  probabilitiesOf,
  uniteBoxes,
  type Zyx,
} from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";
import { roundsOf } from "./rounds.ts";

export type Zoom = "auto" | "all" | "off";

export interface SegmentImageOptions extends Omit<VolumeOptions, "roi" | "previous"> {
  /** A label map to correct, on the image's grid. */
  readonly refine?: LabelMap;
  /** Whether to look again where the first look was too narrow or too coarse: the latter for objects with a box only, or for all. */
  readonly zoom: Zoom;
}

/** What the model found, on the image's own grid. */
export interface Segmented extends Merged {
  /** The crops in which an object was looked at again, by its label. */
  readonly looks: ReadonlyMap<number, readonly Look[]>;
  /** The probability of an object at each voxel, 0 outside of the crop. */
  probabilities(label: number): Grid<Float32Array>;
}

/**
 * The masks of all objects after all their prompts. The image is encoded once, on a crop that holds every prompt, and
 * with its axes turned; prompts and masks are those of the stored grid. Objects that their crop cuts off, or that a
 * smaller crop shows finer, are looked at again, each in crops of its own. Labels of `refine` without prompts keep
 * their voxels.
 */
export async function segmentImage(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  objects: readonly NamedObject[],
  { refine, zoom, ...options }: SegmentImageOptions,
): Promise<Segmented> {
  const roi = regionOfPrompts(objects, image.shape, refine, options.cropWithoutBox);
  const volume = openVolume(segmenter, image, { ...options, roi, ...(refine && { previous: refine }) });
  const answers = new Map<number, FramedLogits>();
  const looks = new Map<number, readonly Look[]>();
  let merged: Merged;
  try {
    const user = scriptedUser(roundsOf(objects));
    merged = (await interact<readonly PromptedObject[], Merged>(user, volume.predict))!;
    for (const { label } of objects) answers.set(label, volume.answer(label));
  } finally {
    volume.dispose();
  }
  if (zoom !== "off") {
    const how = { ...options, finerWithoutBox: zoom === "all" };
    for (const object of objects) {
      const again = await lookAgain(segmenter, image, object, answers.get(object.label)!, how);
      if (again.looks.length === 0) continue;
      answers.set(object.label, again);
      looks.set(object.label, again.looks);
    }
    if (looks.size > 0) {
      merged = mergeAnswers(answers.get(objects[0]!.label)!.frame, objects, ({ label }) => answers.get(label)!);
    }
  }
  const { labels } = merged;
  return {
    ...merged,
    labels: refine === undefined ? labels : keepOthers(labels, refine, new Set(answers.keys())),
    looks,
    probabilities: (label) => probabilitiesOf(answers.get(label)!),
  };
}

/** The prompts' region; for an object that a mask shows already, the mask's and its prompts'. */
function regionOfPrompts(
  objects: readonly NamedObject[],
  shape: Zyx,
  previous: LabelMap | undefined,
  cropWithoutBox: number | undefined,
): Box {
  const shown = previous === undefined ? new Map<number, { box: Box }>() : labelBoxes(previous);
  const regions = objects.map((object) => {
    const mask = shown.get(object.label)?.box;
    if (mask === undefined) return regionOf([object], shape, cropWithoutBox);
    const box = object.box === undefined ? mask : uniteBoxes(object.box, mask);
    const around = growBox(box, boxMargin, shape);
    return uniteBoxes(around, regionOf([{ ...object, box }], shape, cropWithoutBox));
  });
  return regions.reduce(uniteBoxes);
}

/** Puts the voxels of labels that were not asked about back as they were. */
function keepOthers(found: LabelMap, before: LabelMap, asked: ReadonlySet<number>): LabelMap {
  const largest = Math.max(...labelBoxes(before).keys());
  const needed = largest > 0xffff ? 4 : largest > 0xff ? 2 : 1;
  const Wider = needed === 4 ? Int32Array : Uint16Array;
  const data = needed > found.data.BYTES_PER_ELEMENT ? Wider.from(found.data) : found.data;
  for (let i = 0; i < data.length; i++) {
    const label = before.data[i]!;
    if (label !== 0 && !asked.has(label)) data[i] = label;
  }
  return { data, shape: found.shape } as LabelMap;
}
