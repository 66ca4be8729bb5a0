import {
  type AxisTurn,
  type Box,
  type Frame,
  frameOf,
  growBox,
  isInside,
  noTurn,
  objectRegion,
  type Prompts,
  sameZyx,
  turnPrompts,
  turnVoxel,
  turnZyx,
  uniteBoxes,
  voxelCount,
  type Zyx,
} from "../geometry/index.ts";
import { frameNeeds } from "../model/index.ts";
import { type FramedLogits, type Grid, reframeLogits } from "../voxels/index.ts";
import { encodedFrames } from "./encodedFrames.ts";
import { decodeObject, type Segmenter } from "./segmenter.ts";

export interface PromptedImageOptions {
  /** Largest grid given to the model, in cells before padding (ENSAM §3.2.3: 4,194,304); larger crops are max-pooled. */
  readonly maxVoxels: number;
  /** From the image's stored axes to those the model sees; prompts and masks keep the stored ones. @default noTurn */
  readonly turn?: AxisTurn;
  /** Voxel size of the image as stored, mm along (z, y, x): looked at by models that take positions in mm only. */
  readonly spacing?: Zyx | undefined;
  /** Voxels around the first foreground click to look at when an object has no box; without it, the whole volume. */
  readonly cropWithoutBox?: number | undefined;
  /** Cells of encoded crops that stay on the device; the last one always does. @default 4,194,304 */
  readonly keepCells?: number | undefined;
  /** Waited for between parts of the work, so that whoever computes long is still heard; may throw to end it. */
  readonly pause?: (() => Promise<unknown>) | undefined;
}

/** What changes an object's crop beside its prompts. */
export interface CropChanges {
  /** The box of a mask that the object starts from, as stored: held as its own box is. */
  readonly start?: Box | undefined;
  /** Voxels to look at more on each side. @default 0 */
  readonly enlarged?: number;
}

/** An image and a model that answers prompts about it: the one way from an object's prompts to its logits. */
export interface PromptedImage {
  /** Of the image as stored. */
  readonly shape: Zyx;
  readonly turn: AxisTurn;
  readonly maxVoxels: number;
  /** The frame of a crop, half-open voxels of the turned image. */
  frame(crop: Box): Frame;
  /** The frame of one object alone (`objectRegion`): it follows from the prompts, so what is undone leaves no trace. */
  objectFrame(prompts: Prompts, changes?: CropChanges): Frame;
  /** The same logits on another frame of the image. */
  moved(frame: Frame, logits: FramedLogits): Float32Array;
  /**
   * The logits of one object for all its prompts so far. Clicks outside of the crop are left out.
   *
   * @param prompts   in voxels of the image as stored
   * @param previous  its logits of the interaction before, on whatever frame
   */
  answer(frame: Frame, prompts: Prompts, previous: FramedLogits | undefined): Promise<FramedLogits>;
  dispose(): void;
}

/** Makes an 8-bit image, as stored, answer prompts. The encoder runs once on each crop that is asked about. */
export function promptedImage(
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  { turn = noTurn, maxVoxels, cropWithoutBox, spacing, keepCells, pause }: PromptedImageOptions,
): PromptedImage {
  const { shape } = image;
  if (!(image.data instanceof Uint8Array) || image.data.length !== voxelCount(shape)) {
    throw new TypeError(
      `image: expected ${voxelCount(shape)} 8-bit voxels, got ${image.data.length} of ${image.data.constructor.name}`,
    );
  }
  const framing = { turn, ...frameNeeds(segmenter.config, spacing) };
  const turnedShape = turnZyx(turn, shape);
  const features = encodedFrames(segmenter, image, keepCells);
  const frame = (crop: Box) => frameOf(shape, crop, maxVoxels, framing);

  function moved(to: Frame, { frame: from, logits }: FramedLogits): Float32Array {
    const isSame = sameZyx(from.crop.min, to.crop.min) && sameZyx(from.crop.max, to.crop.max);
    return isSame ? logits : reframeLogits(logits, from, to);
  }

  return {
    ...{ shape, turn, maxVoxels, frame, moved },
    objectFrame(prompts, { start, enlarged = 0 } = {}) {
      const box = prompts.box && start ? uniteBoxes(prompts.box, start) : (prompts.box ?? start);
      const turned = turnPrompts(turn, shape, { ...prompts, ...(box && { box }) });
      return frame(growBox(objectRegion(turned, turnedShape, maxVoxels, cropWithoutBox), enlarged, turnedShape));
    },
    async answer(frame, { box, clicks }, previous) {
      const seen = {
        ...(box && { box }),
        clicks: clicks.filter(({ at }) => isInside(frame.crop, turnVoxel(turn, shape, at))),
      };
      const isNew = !features.has(frame);
      const encoded = features.of(frame);
      if (isNew) await pause?.();
      const logits = await decodeObject(segmenter, encoded, seen, previous && moved(frame, previous));
      await pause?.();
      return { frame, logits };
    },
    dispose: () => features.dispose(),
  };
}
