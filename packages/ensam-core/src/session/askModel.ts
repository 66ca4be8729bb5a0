import {
  type AxisTurn,
  type Box,
  growBox,
  sameZyx,
  turnBox,
  turnVoxel,
  uniteBoxes,
  wholeBox,
  type Zyx,
} from "../geometry/index.ts";
import {
  carryLogits,
  cellOf,
  decodeObject,
  logitRows,
  type PromptedObject,
  regionOf,
  type Segmenter,
  type View,
  viewOf,
} from "../inference/index.ts";
import { type Grid, turnGrid } from "../voxels/index.ts";
import { encodedViews } from "./encodedViews.ts";
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
export function modelQuestions(segmenter: Segmenter, stored: Grid<Uint8Array>, options: ModelOptions): ModelQuestions {
  const { turn, maxVoxels, cropWithoutBox, pause } = options;
  const image = turnGrid(stored, turn);
  const features = encodedViews(segmenter, image, options.keepCells);

  function viewFor({ start, enlarged }: ObjectState, given: PromptedObject): View {
    const loaded = start?.box === undefined ? undefined : turnBox(turn, stored.shape, start.box);
    const box = given.box === undefined || loaded === undefined ? (given.box ?? loaded) : uniteBoxes(given.box, loaded);
    const region = regionOf([box === undefined ? given : { ...given, box }], image.shape, cropWithoutBox);
    return viewOf(image.shape, growBox(region, enlarged, image.shape), maxVoxels);
  }

  async function interact(object: ObjectState, prompts: readonly Prompt[]): Promise<ModelAnswer> {
    const given = turnedPrompts(object.label, prompts, turn, stored.shape);
    const view = viewFor(object, given);
    const previous = object.answer === undefined ? startLogits(object, view) : logitsOn(view, object.answer);
    const isNew = !features.has(view);
    const encoded = features.of(view);
    if (isNew) await pause?.();
    const logits = await decodeObject(segmenter, encoded, given, previous);
    await pause?.();
    return { view, logits, rows: logitRows(view, logits) };
  }

  function startLogits({ start }: ObjectState, view: View): Float32Array | undefined {
    if (start?.box === undefined) return undefined;
    const mask = { data: new Uint8Array(stored.data.length), shape: stored.shape };
    paintFlatRuns(start.runs, mask, wholeBox(stored.shape), 1);
    const { data } = turnGrid(mask, turn);
    const [, rows, columns] = image.shape;
    const [depth, height, width] = view.paddedShape;
    const logits = new Float32Array(depth * height * width).fill(-startLogit);
    const { min, max } = turnBox(turn, stored.shape, start.box);
    for (let z = min[0]; z < max[0]; z++) {
      for (let y = min[1]; y < max[1]; y++) {
        for (let x = min[2]; x < max[2]; x++) {
          if (data[(z * rows + y) * columns + x] === 0) continue;
          const cell = cellOf(view, [z, y, x]);
          logits[(cell[0] * height + cell[1]) * width + cell[2]] = startLogit;
        }
      }
    }
    return logits;
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

/** Logits of an earlier answer on another view, the same numbers where the view is the same. */
function logitsOn(view: View, before: ModelAnswer): Float32Array {
  const { crop } = before.view;
  const isSame = sameZyx(crop.min, view.crop.min) && sameZyx(crop.max, view.crop.max);
  return isSame ? before.logits : carryLogits(before.logits, before.view, view);
}

/** Something that says where the object is has to come first: a loaded mask, a box or a click inside. */
function startable({ prompts, start }: ObjectState): readonly Prompt[] {
  const first = prompts.findIndex((prompt) => prompt.kind === "box" || prompt.foreground);
  if (start?.box !== undefined || first <= 0) return prompts;
  return [prompts[first]!, ...prompts.slice(0, first), ...prompts.slice(first + 1)];
}

function turnedPrompts(label: number, prompts: readonly Prompt[], turn: AxisTurn, shape: Zyx): PromptedObject {
  let box: Box | undefined;
  const clicks: { at: Zyx; foreground: boolean }[] = [];
  for (const prompt of prompts) {
    if (prompt.kind === "box") box = turnBox(turn, shape, prompt.box);
    else clicks.push({ at: turnVoxel(turn, shape, prompt.at), foreground: prompt.foreground });
  }
  return { label, clicks, ...(box !== undefined && { box }) };
}
