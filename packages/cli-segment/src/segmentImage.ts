import { type PromptedObject, regionOf } from "@ensam/core/geometry";
import {
  type Crops,
  type Look,
  lookAgain,
  type Merged,
  mergeAnswers,
  openVolume,
  type PromptedImageOptions,
  promptedImage,
  type Segmenter,
} from "@ensam/core/inference";
import { interact, scriptedUser } from "@ensam/core/prompts";
import {
  type Box,
  type Grid,
  type LabelMap,
  labelBoxes,
  probabilitiesOf,
  uniteBoxes,
  type Zyx,
} from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";
import { roundsOf } from "./rounds.ts";
import { type Answers, sessionAnswers } from "./sessionAnswers.ts";

export type Zoom = "auto" | "all" | "off";

export interface SegmentImageOptions extends PromptedImageOptions {
  readonly crops: Crops;
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
 * The masks of all objects after all their prompts; prompts and masks are those of the stored grid. The model sees a
 * crop for each object, or one that holds every prompt, with its axes turned. Objects that their crop cuts off, or that
 * a smaller crop shows finer, are looked at again. Labels of `refine` without prompts keep their voxels.
 */
export async function segmentImage(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  objects: readonly NamedObject[],
  { refine, zoom, crops, ...options }: SegmentImageOptions,
): Promise<Segmented> {
  const answersOf = crops === "object" ? sessionAnswers : volumeAnswers;
  const answers = await answersOf(segmenter, image, objects, options, refine);
  const looks = new Map<number, readonly Look[]>();
  const prompted = promptedImage(segmenter, image, options);
  try {
    for (const object of zoom === "off" ? [] : objects) {
      const before = answers.get(object.label)!;
      const again = await lookAgain(prompted, object, before, { finerWithoutBox: zoom === "all" });
      if (again.looks.length === 0) continue;
      answers.set(object.label, again);
      looks.set(object.label, again.looks);
    }
  } finally {
    prompted.dispose();
  }
  const placed = { turn: prompted.turn, imageShape: image.shape };
  const merged = mergeAnswers(placed, objects, ({ label }) => answers.get(label)!);
  const { labels } = merged;
  return {
    ...merged,
    labels: refine === undefined ? labels : keepOthers(labels, refine, new Set(answers.keys())),
    looks,
    probabilities: (label) => probabilitiesOf(answers.get(label)!),
  };
}

/** The model's answers about objects that it sees in one crop for all, which a session does not have. */
const volumeAnswers: Answers = async (segmenter, image, objects, options, refine) => {
  const roi = regionOfPrompts(objects, image.shape, refine, options.cropWithoutBox);
  const volume = openVolume(segmenter, image, { ...options, crops: "case", roi, previous: refine });
  try {
    await interact<readonly PromptedObject[], unknown>(scriptedUser(roundsOf(objects)), volume.predict);
    return new Map(objects.map(({ label }) => [label, volume.answer(label)]));
  } finally {
    volume.dispose();
  }
};

/** The prompts' region; for an object that a mask shows already, the mask's and its prompts'. */
function regionOfPrompts(
  objects: readonly PromptedObject[],
  shape: Zyx,
  previous: LabelMap | undefined,
  cropWithoutBox: number | undefined,
): Box {
  const shown = previous === undefined ? new Map<number, { box: Box }>() : labelBoxes(previous);
  const regions = objects.map((object) => {
    const mask = shown.get(object.label)?.box;
    const box = object.box && mask ? uniteBoxes(object.box, mask) : (object.box ?? mask);
    return regionOf([box === undefined ? object : { ...object, box }], shape, cropWithoutBox);
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
