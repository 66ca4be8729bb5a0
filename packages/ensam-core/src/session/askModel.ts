import {
  type AxisTurn,
  type Box,
  type Frame,
  frameOf,
  growBox,
  mapPrompts,
  type PromptedObject,
  regionOf,
  sameZyx,
  turnBox,
  turnVoxel,
  turnZyx,
  uniteBoxes,
  wholeBox,
  type Zyx,
} from "../geometry/index.ts";
import { decodeObject, frameNeeds, type Segmenter } from "../inference/index.ts";
import { type Grid, logitRows, maskLogits, reframeLogits } from "../voxels/index.ts";
import { encodedFrames } from "./encodedFrames.ts";
import { paintFlatRuns } from "./flatRuns.ts";
import type { ModelAnswer, ObjectState, Prompt } from "./state.ts";

export interface ModelOptions {
  /** How the stored axes are turned for the model: see `turnToLps`. */
  readonly turn: AxisTurn;
  /** Voxel size of the image as stored, mm along (z, y, x): looked at by models that take positions in mm only. */
  readonly spacing?: Zyx | undefined;
  /** Largest grid given to the model, cells before padding; larger crops are max-pooled. */
  readonly maxVoxels: number;
  /** Voxels around the first click to look at when an object has no box; without it, the whole image. */
  readonly cropWithoutBox?: number | undefined;
  /** Cells of encoded crops that stay on the device; the last one always does. @default 4,194,304 */
  readonly keepCells?: number | undefined;
  /** Waited for between parts of the work, so that whoever computes long is still heard; may throw to end it. */
  readonly pause?: (() => Promise<unknown>) | undefined;
}

/** Asks the model about objects of one image. */
export interface ModelQuestions {
  /**
   * The object after its waiting prompts were answered, one interaction for each in their order, as in training; if
   * none waits, after one more interaction with all of them.
   */
  answer(object: ObjectState): Promise<ObjectState>;
  dispose(): void;
}

/**
 * Questions about a stored image. Each object has a crop of its own, which follows from its prompts alone (`regionOf`),
 * so an object far away costs no detail and what is undone leaves no trace.
 */
export function modelQuestions(segmenter: Segmenter, stored: Grid<Uint8Array>, options: ModelOptions): ModelQuestions {
  const { turn, maxVoxels, cropWithoutBox, pause } = options;
  const { shape } = stored;
  const framing = { turn, ...frameNeeds(segmenter.config, options.spacing) };
  const turnedShape = turnZyx(turn, shape);
  const turned = (box: Box) => turnBox(turn, shape, box);
  const features = encodedFrames(segmenter, stored, options.keepCells);

  function frameFor({ start, enlarged }: ObjectState, object: PromptedObject): Frame {
    const { box: own, ...others } = { ...object, ...mapPrompts(object, (at) => turnVoxel(turn, shape, at), turned) };
    const loaded = start?.box === undefined ? undefined : turned(start.box);
    const box = own === undefined || loaded === undefined ? (own ?? loaded) : uniteBoxes(own, loaded);
    const region = regionOf([box === undefined ? others : { ...others, box }], turnedShape, cropWithoutBox);
    return frameOf(shape, growBox(region, enlarged, turnedShape), maxVoxels, framing);
  }

  async function interact(object: ObjectState, prompts: readonly Prompt[]): Promise<ModelAnswer> {
    const prompted = promptedObject(object.label, prompts);
    const frame = frameFor(object, prompted);
    const previous = object.answer === undefined ? startLogits(object, frame) : logitsOn(frame, object.answer);
    const isNew = !features.has(frame);
    const encoded = features.of(frame);
    if (isNew) await pause?.();
    const logits = await decodeObject(segmenter, encoded, prompted, previous);
    await pause?.();
    return { frame, logits, rows: logitRows(frame, logits) };
  }

  function startLogits({ start }: ObjectState, frame: Frame): Float32Array | undefined {
    if (start?.box === undefined) return undefined;
    const mask = { data: new Uint8Array(stored.data.length), shape };
    paintFlatRuns(start.runs, mask, wholeBox(shape), 1);
    return maskLogits(frame, mask, 1);
  }

  return {
    async answer(object) {
      const ordered = startable(object);
      let current = object;
      for (let count = Math.min(object.answered + 1, ordered.length); count <= ordered.length; count++) {
        const answer = await interact(current, ordered.slice(0, count));
        current = { ...current, answered: count, answer };
      }
      return current;
    },
    dispose: () => features.dispose(),
  };
}

/** Logits of an earlier answer on another frame, the same numbers where the frame is the same. */
function logitsOn(frame: Frame, before: ModelAnswer): Float32Array {
  const { crop } = before.frame;
  const isSame = sameZyx(crop.min, frame.crop.min) && sameZyx(crop.max, frame.crop.max);
  return isSame ? before.logits : reframeLogits(before.logits, before.frame, frame);
}

/** Something that says where the object is has to come first: a loaded mask, a box or a click inside. */
function startable({ prompts, start }: ObjectState): readonly Prompt[] {
  const first = prompts.findIndex((prompt) => prompt.kind === "box" || prompt.foreground);
  if (start?.box !== undefined || first <= 0) return prompts;
  return [prompts[first]!, ...prompts.slice(0, first), ...prompts.slice(first + 1)];
}

function promptedObject(label: number, prompts: readonly Prompt[]): PromptedObject {
  const boxes = prompts.flatMap((prompt) => (prompt.kind === "box" ? [prompt.box] : []));
  const clicks = prompts.flatMap((prompt) =>
    prompt.kind === "box" ? [] : [{ at: prompt.at, foreground: prompt.foreground }],
  );
  const box = boxes.at(-1);
  return { label, clicks, ...(box !== undefined && { box }) };
}
