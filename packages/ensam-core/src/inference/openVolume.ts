import {
  around,
  type Box,
  excludeOthers,
  type Frame,
  growToward,
  isInside,
  lastVoxel,
  type PromptedObject,
  regionOf,
  samePrompts,
  turnBox,
  turnPrompts,
  turnZyx,
  uniteBoxes,
  wholeBox,
  type Zyx,
} from "../geometry/index.ts";
import { type FramedLogits, type Grid, type LabelMap, labelBoxes, maskLogits } from "../voxels/index.ts";
import { type Merged, mergeObjects } from "./merge.ts";
import { type PromptedImageOptions, promptedImage } from "./promptedImage.ts";
import type { Segmenter } from "./segmenter.ts";

/**
 * What the model looks at: a crop for each object (`objectRegion`, which follows from its prompts alone), or one for all
 * objects of a case, as the authors' inference code has it (`regionOf`): one pass of the encoder, and larger cells
 * where objects lie apart. One crop for all only grows.
 */
export type Crops = "object" | "case";

export interface VolumeOptions extends PromptedImageOptions {
  readonly crops: Crops;
  /** Whether each object's foreground clicks are background clicks of the others: see `excludeOthers`. @default false */
  readonly exclusive?: boolean;
  /** With one crop for all: the part to look at first, half-open voxels as stored. @default what holds the prompts */
  readonly roi?: Box;
  /** What an earlier run of the same image, model and options knew: its objects keep their previous logits. */
  readonly resume?: readonly StatedObject[] | undefined;
  /** A label map to start from, as stored: what it says of an object's label counts as its previous answer. */
  readonly previous?: LabelMap | undefined;
}

/** A volume whose features stay on the device while prompts come in. */
export interface OpenVolume {
  /**
   * All objects' masks. Each object comes with all its prompts so far; its logits of the last call are its previous
   * ones. An object with the same prompts as in the last call keeps its logits.
   */
  predict(objects: readonly PromptedObject[]): Promise<Merged>;
  /** The logits of an object of the last call. */
  answer(label: number): FramedLogits;
  /** What the next prediction builds on, for a later run. */
  state(): readonly StatedObject[];
  dispose(): void;
}

/** An object's prompts so far, and the logits they gave: plain numbers, which can be stored. */
export interface StatedObject {
  readonly prompts: PromptedObject;
  /** What the model looked at for it, half-open voxels of the turned image. */
  readonly crop: Box;
  /** [D, H, W] of the grid of the crop's frame. */
  readonly logits: Float32Array;
}

/** Half the size, in voxels, of the cube around a click in which a lost object without a box is searched. */
const fallbackMargin = 16;

/** Opens an 8-bit volume for prompts. The encoder runs on a crop when it is asked about first. */
export function openVolume(segmenter: Segmenter, stored: Grid<Uint8Array>, options: VolumeOptions): OpenVolume {
  const { crops, resume = [], exclusive = false, previous } = options;
  // What one crop for all was before it grew is never needed again.
  const image = promptedImage(segmenter, stored, crops === "case" ? { ...options, keepCells: 0 } : options);
  const { shape, turn } = image;
  const turnedShape = turnZyx(turn, shape);
  let states = new Map(
    resume.map(({ prompts, crop, logits }): [number, ObjectState] => {
      return [prompts.label, { prompts, frame: image.frame(crop), logits }];
    }),
  );
  let common = resume.map(({ crop }) => crop).reduce<Box | undefined>((a, b) => (a ? uniteBoxes(a, b) : b), undefined);
  const started = new Set(previous === undefined ? [] : labelBoxes(previous).keys());

  /** The one crop for all: as before, and larger where a prompt lies outside. */
  function commonFrame(stored: readonly PromptedObject[]): Frame {
    const objects = stored.map((object) => turnPrompts(turn, shape, object));
    const { roi, cropWithoutBox } = options;
    common ??= roi ? turnBox(turn, shape, roi) : regionOf(objects, turnedShape, cropWithoutBox);
    for (const { box, clicks } of objects) {
      const corners = box === undefined ? [] : [box.min, lastVoxel(box)];
      for (const voxel of [...clicks.map(({ at }) => at), ...corners]) common = growToward(common, voxel, turnedShape);
    }
    return image.frame(common);
  }

  async function predict(prompted: readonly PromptedObject[]): Promise<Merged> {
    checkObjects(prompted, shape);
    const objects = exclusive ? excludeOthers(prompted) : prompted;
    const forAll = crops === "case" ? commonFrame(objects) : undefined;
    const next = new Map<number, ObjectState>();
    for (const [i, object] of objects.entries()) {
      const { label } = object;
      // Clicks on other objects do not move an object's crop.
      const frame = forAll ?? image.objectFrame(prompted[i]!);
      const before = states.get(label);
      const start = () => (started.has(label) ? { frame, logits: maskLogits(frame, previous!, label) } : undefined);
      const answer =
        before !== undefined && samePrompts(before.prompts, object)
          ? { frame, logits: image.moved(frame, before) }
          : await image.answer(frame, object, before ?? start());
      next.set(label, { prompts: object, ...answer });
    }
    states = next;
    return mergeAnswers({ turn, imageShape: shape }, objects, ({ label }) => next.get(label)!);
  }

  return {
    predict,
    state: () => [...states.values()].map(({ prompts, frame, logits }) => ({ prompts, crop: frame.crop, logits })),
    answer(label) {
      const state = states.get(label);
      if (state === undefined) throw new RangeError(`answer: object ${label}: expected one of the last prediction's`);
      return { frame: state.frame, logits: state.logits };
    },
    dispose() {
      image.dispose();
      states.clear();
    },
  };
}

/**
 * The masks of objects, each with logits on a frame of its own, all of the image and with one turn. An object that is
 * lost is searched in its box, else near its first foreground click.
 */
export function mergeAnswers(
  image: Pick<Frame, "turn" | "imageShape">,
  objects: readonly PromptedObject[],
  answerOf: (object: PromptedObject) => FramedLogits,
): Merged {
  const { turn, imageShape } = image;
  const answers = objects.map((object) => ({
    ...answerOf(object),
    label: object.label,
    fallback: fallbackOf(turnPrompts(turn, imageShape, object), turnZyx(turn, imageShape)),
  }));
  return mergeObjects(
    image,
    answers.sort((a, b) => a.label - b.label),
  );
}

interface ObjectState extends FramedLogits {
  readonly prompts: PromptedObject;
}

/** Where a lost object must be: its box, else near its first foreground click. */
function fallbackOf(object: PromptedObject, shape: Zyx): Box | undefined {
  if (object.box !== undefined) return object.box;
  const first = object.clicks.find((click) => click.foreground);
  return first === undefined ? undefined : around(first.at, fallbackMargin, shape);
}

function checkObjects(objects: readonly PromptedObject[], shape: Zyx): void {
  const seen = new Set<number>();
  for (const { label, box, clicks } of objects) {
    const where = `predict: object ${label}`;
    if (!Number.isInteger(label) || label < 1) throw new RangeError(`${where}: expected a positive whole number`);
    if (seen.has(label)) throw new RangeError(`${where}: expected each object once`);
    seen.add(label);
    const whole = wholeBox(shape);
    for (const { at } of clicks) {
      if (!isInside(whole, at)) throw new RangeError(`${where}: click: expected a voxel of [${shape}], got [${at}]`);
    }
    const corners = box === undefined ? [] : [box.min, lastVoxel(box)];
    if (!corners.every((corner) => isInside(whole, corner) && isInside(box!, corner))) {
      throw new RangeError(`${where}: box: expected voxels of [${shape}], got [${box!.min}] to [${box!.max}]`);
    }
  }
}
