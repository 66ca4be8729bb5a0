import {
  type AxisTurn,
  type Frame,
  frameOf,
  growBox,
  mapPrompts,
  type PromptedObject,
  type Prompts,
  regionOf,
  sameZyx,
  turnBox,
  turnVoxel,
  turnZyx,
  uniteBoxes,
  wholeBox,
} from "../geometry/index.ts";
import { decodeObject, type Segmenter } from "../inference/index.ts";
import { type Grid, logitRows, maskToGrid, reframeLogits } from "../voxels/index.ts";
import { encodedFrames } from "./encodedFrames.ts";
import { paintFlatRuns } from "./flatRuns.ts";
import type { ModelAnswer, ObjectState, Prompt } from "./state.ts";

export interface ModelOptions {
  /** How the stored axes are turned for the model: see `turnToLps`. */
  readonly turn: AxisTurn;
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
   * The object after its waiting prompts were answered, one interaction for each in their order, as in training; if none
   * waits, after one more interaction with all of them.
   */
  answer(object: ObjectState): Promise<ObjectState>;
  dispose(): void;
}

/** Logit of a loaded mask inside, negated outside: sure, yet within what clicks can turn. */
const startLogit = 5;

/**
 * Questions about a stored image. Each object has a crop of its own, which follows from its prompts alone (`regionOf`), so
 * an object far away costs no detail and what is undone leaves no trace.
 */
export function modelQuestions(segmenter: Segmenter, image: Grid<Uint8Array>, options: ModelOptions): ModelQuestions {
  const { turn, maxVoxels, cropWithoutBox, pause } = options;
  const features = encodedFrames(segmenter, image, options.keepCells);
  const turnedShape = turnZyx(turn, image.shape);

  function frameFor({ label, start, enlarged }: ObjectState, prompts: Prompts): Frame {
    const loaded = start?.box;
    const box = prompts.box && loaded ? uniteBoxes(prompts.box, loaded) : (prompts.box ?? loaded);
    const turned: PromptedObject = {
      label,
      ...mapPrompts(
        { clicks: prompts.clicks, ...(box && { box }) },
        (point) => turnVoxel(turn, image.shape, point),
        (stored) => turnBox(turn, image.shape, stored),
      ),
    };
    const region = growBox(regionOf([turned], turnedShape, cropWithoutBox), enlarged, turnedShape);
    return frameOf(image.shape, region, maxVoxels, { turn });
  }

  async function interact(object: ObjectState, given: readonly Prompt[]): Promise<ModelAnswer> {
    const prompts = promptsOf(given);
    const frame = frameFor(object, prompts);
    const previous = object.answer === undefined ? startLogits(object, frame) : logitsOn(frame, object.answer);
    const isNew = !features.has(frame);
    const encoded = features.of(frame);
    if (isNew) await pause?.();
    const logits = await decodeObject(segmenter, encoded, prompts, previous);
    await pause?.();
    return { frame, logits, rows: logitRows(frame, logits) };
  }

  function startLogits({ start }: ObjectState, frame: Frame): Float32Array | undefined {
    if (start?.box === undefined) return undefined;
    const mask = { data: new Uint8Array(image.data.length), shape: image.shape };
    paintFlatRuns(start.runs, mask, wholeBox(image.shape), 1);
    return Float32Array.from(maskToGrid(mask, 1, frame).data, (value) => (value === 1 ? startLogit : -startLogit));
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

function promptsOf(prompts: readonly Prompt[]): Prompts {
  const box = prompts.find((prompt) => prompt.kind === "box")?.box;
  const clicks = prompts.filter((prompt) => prompt.kind === "click");
  return { clicks: clicks.map(({ at, foreground }) => ({ at, foreground })), ...(box && { box }) };
}
