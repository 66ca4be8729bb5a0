import {
  type AxisTurn,
  type Frame,
  mapPrompts,
  type PromptedObject,
  turnBox,
  turnVoxel,
  turnZyx,
  type Zyx,
} from "../geometry/index.ts";
import { type Merged, mergeObjects } from "./merge.ts";
import { fallbackOf } from "./openVolume.ts";

/** What the model answered about an object, and on which grid. */
export interface FramedLogits {
  readonly frame: Frame;
  /** [D, H, W] of `frame.shape`. */
  readonly logits: Float32Array;
}

/**
 * The masks of objects whose answers may lie in frames of their own, all of one image and with the turn of `frame`. An object that is
 * lost is searched in its box, else near its first foreground click.
 *
 * @param objects  prompts in voxels of the image as stored
 */
export function mergeAnswers(
  frame: Frame,
  objects: readonly PromptedObject[],
  answerOf: (object: PromptedObject) => FramedLogits,
): Merged {
  const { turn, imageShape } = frame;
  const answers = objects.map((object) => ({
    ...answerOf(object),
    label: object.label,
    fallback: fallbackOf(turnedObject(turn, imageShape, object), turnZyx(turn, imageShape)),
  }));
  return mergeObjects(
    frame,
    answers.sort((a, b) => a.label - b.label),
  );
}

/** An object with its prompts in voxels of the turned image. */
export function turnedObject(turn: AxisTurn, shape: Zyx, object: PromptedObject): PromptedObject {
  const toPoint = (point: Zyx) => turnVoxel(turn, shape, point);
  return { label: object.label, ...mapPrompts(object, toPoint, (box) => turnBox(turn, shape, box)) };
}
