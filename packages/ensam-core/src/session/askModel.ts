import { type Frame, type Prompts, voxelCount, wholeBox } from "../geometry/index.ts";
import type { PromptedImage } from "../inference/index.ts";
import { type FramedLogits, logitRows, maskLogits } from "../voxels/index.ts";
import { paintFlatRuns } from "./flatRuns.ts";
import type { ObjectState, Prompt } from "./state.ts";

/**
 * The object after its waiting prompts were answered, one interaction for each in their order, as in training; if none
 * waits, after one more interaction with all of them.
 */
export async function answerObject(image: PromptedImage, object: ObjectState): Promise<ObjectState> {
  const ordered = startable(object);
  let current = object;
  for (let count = Math.min(object.answered + 1, ordered.length); count <= ordered.length; count++) {
    const { start, enlarged } = current;
    const prompts = promptsOf(ordered.slice(0, count));
    const frame = image.objectFrame(prompts, { start: start?.box, enlarged });
    const answer = await image.answer(frame, prompts, current.answer ?? startingMask(current, frame));
    current = { ...current, answered: count, answer: { ...answer, rows: logitRows(answer.frame, answer.logits) } };
  }
  return current;
}

/** The mask that an object starts from as its previous answer. */
function startingMask({ start }: ObjectState, frame: Frame): FramedLogits | undefined {
  if (start?.box === undefined) return undefined;
  const shape = frame.imageShape;
  const mask = { data: new Uint8Array(voxelCount(shape)), shape };
  paintFlatRuns(start.runs, mask, wholeBox(shape), 1);
  return { frame, logits: maskLogits(frame, mask, 1) };
}

/** Something that says where the object is has to come first: a loaded mask, a box or a click inside. */
function startable({ prompts, start }: ObjectState): readonly Prompt[] {
  const first = prompts.findIndex((prompt) => prompt.kind === "box" || prompt.foreground);
  if (start?.box !== undefined || first <= 0) return prompts;
  return [prompts[first]!, ...prompts.slice(0, first), ...prompts.slice(first + 1)];
}

function promptsOf(prompts: readonly Prompt[]): Prompts {
  const box = prompts.findLast((prompt) => prompt.kind === "box")?.box;
  const clicks = prompts.flatMap((prompt) =>
    prompt.kind === "box" ? [] : [{ at: prompt.at, foreground: prompt.foreground }],
  );
  return { clicks, ...(box !== undefined && { box }) };
}
