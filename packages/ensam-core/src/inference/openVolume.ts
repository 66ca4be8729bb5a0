import {
  type AxisTurn,
  around,
  type Box,
  excludeOthers,
  type Frame,
  frameOf,
  growToward,
  isInside,
  lastVoxel,
  mapPrompts,
  noTurn,
  type PromptedObject,
  regionOf,
  samePrompts,
  turnBox,
  turnVoxel,
  turnZyx,
  voxelCount,
  wholeBox,
  type Zyx,
} from "../geometry/index.ts";
import { frameNeeds } from "../model/index.ts";
import { type FramedLogits, type Grid, type LabelMap, labelBoxes, maskLogits, reframeLogits } from "../voxels/index.ts";
import { type Merged, mergeObjects } from "./merge.ts";
import { decodeObject, disposeEncoded, type EncodedFrame, encodeFrame, type Segmenter } from "./segmenter.ts";

export interface VolumeOptions {
  /** Largest grid given to the model, in cells before padding (ENSAM §3.2.3: 4,194,304); larger crops are max-pooled. */
  readonly maxVoxels: number;
  /** From the image's stored axes to those the model sees; prompts and masks keep the stored ones. @default noTurn */
  readonly turn?: AxisTurn;
  /** Voxel size of the image as stored, mm along (z, y, x): looked at by models that take positions in mm only. */
  readonly spacing?: Zyx | undefined;
  /** Whether each object's foreground clicks are background clicks of the others: see `excludeOthers`. @default false */
  readonly exclusive?: boolean;
  /** The part to look at, half-open voxels. Without it the first prompts decide, see `regionOf`. */
  readonly roi?: Box;
  /** Voxels around the first foreground click to look at when an object has no box; without it, the whole volume. */
  readonly cropWithoutBox?: number;
  /** What an earlier run of the same image, model and `maxVoxels` knew: its objects keep their previous logits. */
  readonly resume?: VolumeState | undefined;
  /** A label map to start from, as stored: what it says of an object's label counts as its previous answer. */
  readonly previous?: LabelMap;
  /** Waited for after the encoder and after each object, so that whoever computes long is still heard; may throw to end it. */
  readonly pause?: () => Promise<unknown>;
}

/** A volume whose features stay on the device while prompts come in. */
export interface OpenVolume {
  readonly shape: Zyx;
  /** What the model looks at; `undefined` before the first prediction when no `roi` was given. */
  readonly frame: Frame | undefined;
  /**
   * All objects' masks. Each object comes with all its prompts so far; its logits of the last call are its previous
   * ones. An object with the same prompts as in the last call keeps its logits.
   */
  predict(objects: readonly PromptedObject[]): Promise<Merged>;
  /** The logits of an object of the last call. */
  answer(label: number): FramedLogits;
  /** What the next prediction builds on, for a later run; `undefined` before the first. */
  state(): VolumeState | undefined;
  dispose(): void;
}

/** What a volume knows after a prediction: plain numbers, which can be stored. */
export interface VolumeState {
  /** What the model looked at, half-open voxels of the turned image. */
  readonly crop: Box;
  readonly objects: readonly StatedObject[];
}

/** An object's prompts so far, and the logits they gave: [D, H, W] of the grid of the crop's frame. */
export interface StatedObject {
  readonly prompts: PromptedObject;
  readonly logits: Float32Array;
}

/** Half the size, in voxels, of the cube around a click in which a lost object without a box is searched. */
const fallbackMargin = 16;

/**
 * Opens an 8-bit volume for prompts. The encoder runs at the first prediction and again only when a prompt falls
 * outside of the crop, which then grows; the previous logits move to the new grid.
 */
export function openVolume(segmenter: Segmenter, image: Grid<Uint8Array>, options: VolumeOptions): OpenVolume {
  if (!(image.data instanceof Uint8Array) || image.data.length !== voxelCount(image.shape)) {
    throw new TypeError(
      `openVolume: image: expected ${voxelCount(image.shape)} 8-bit voxels, got ${image.data.length} of ${image.data.constructor.name}`,
    );
  }
  const { turn = noTurn, resume, exclusive = false } = options;
  const framing = { turn, ...frameNeeds(segmenter.config, options.spacing) };
  /** Of the turned image, in whose voxels the crop is looked for. */
  const shape = turnZyx(turn, image.shape);
  const turnedBox = (box: Box) => turnBox(turn, image.shape, box);
  let current: EncodedFrame | undefined;
  let states = new Map(
    (resume?.objects ?? []).map((object): [number, ObjectState] => [object.prompts.label, { ...object }]),
  );
  let resumed = resume && frameOf(image.shape, resume.crop, options.maxVoxels, framing);
  const started = new Set(options.previous === undefined ? [] : labelBoxes(options.previous).keys());

  function look(region: Box): EncodedFrame {
    const before = current;
    if (before !== undefined && contains(before.frame.crop, region)) return before;
    const frame = frameOf(image.shape, region, options.maxVoxels, framing);
    const from = before?.frame ?? resumed;
    if (from !== undefined && !contains(from.crop, frame.crop)) {
      for (const state of states.values()) state.logits = reframeLogits(state.logits, from, frame);
    }
    if (before !== undefined) disposeEncoded(before);
    current = undefined;
    resumed = undefined;
    current = encodeFrame(segmenter, image, frame);
    return current;
  }

  function wanted(objects: readonly PromptedObject[]): Box {
    const chosen = options.roi && turnedBox(options.roi);
    let region = (current?.frame ?? resumed)?.crop ?? chosen ?? regionOf(objects, shape, options.cropWithoutBox);
    for (const object of objects) {
      for (const click of object.clicks) region = growToward(region, click.at, shape);
      if (object.box === undefined) continue;
      region = growToward(region, object.box.min, shape);
      region = growToward(region, lastVoxel(object.box), shape);
    }
    return region;
  }

  async function predict(given: readonly PromptedObject[]): Promise<Merged> {
    checkObjects(given, image.shape);
    const objects = exclusive ? excludeOthers(given) : given;
    const before = current;
    const encoded = look(wanted(objects.map((object) => turnedObject(turn, image.shape, object))));
    if (encoded !== before) await options.pause?.();
    const next = new Map<number, ObjectState>();
    for (const object of objects) {
      const before = states.get(object.label);
      const unchanged = before !== undefined && samePrompts(before.prompts, object);
      const startingMask = () =>
        started.has(object.label) ? maskLogits(encoded.frame, options.previous!, object.label) : undefined;
      const logits = unchanged
        ? before.logits
        : await decodeObject(segmenter, encoded, object, before?.logits ?? startingMask());
      next.set(object.label, { prompts: object, logits });
      await options.pause?.();
    }
    states = next;
    return mergeAnswers(encoded.frame, objects, ({ label }) => ({
      frame: encoded.frame,
      logits: next.get(label)!.logits,
    }));
  }

  return {
    shape: image.shape,
    get frame() {
      return current?.frame;
    },
    predict,
    state() {
      const objects = [...states.values()].map((state) => ({ ...state }));
      return current && { crop: current.frame.crop, objects };
    },
    answer(label) {
      const state = states.get(label);
      if (current === undefined || state === undefined) {
        throw new RangeError(`answer: object ${label}: expected one of the last prediction's`);
      }
      return { frame: current.frame, logits: state.logits };
    },
    dispose() {
      if (current !== undefined) disposeEncoded(current);
      current = undefined;
      states.clear();
    },
  };
}

/**
 * The masks of objects whose answers may lie in frames of their own, all of the image and with the turn of `frame`. An
 * object that is lost is searched in its box, else near its first foreground click.
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

interface ObjectState {
  readonly prompts: PromptedObject;
  logits: Float32Array;
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
    if (box !== undefined && !(isInside(whole, box.min) && isInside(box, lastVoxel(box)) && contains(whole, box))) {
      throw new RangeError(`${where}: box: expected voxels of [${shape}], got [${box.min}] to [${box.max}]`);
    }
  }
}

function contains(outer: Box, inner: Box): boolean {
  return isInside(outer, inner.min) && isInside(outer, lastVoxel(inner));
}
