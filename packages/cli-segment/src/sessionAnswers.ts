import type { PromptedObject } from "@ensam/core/geometry";
import type { PromptedImageOptions, Segmenter } from "@ensam/core/inference";
import { labelRunsOf, largestLabel, openSession, type SessionEvent } from "@ensam/core/session";
import type { FramedLogits, Grid, LabelMap } from "@ensam/core/voxels";

/** The model's answers about objects, by label. @param refine  a label map whose objects start from their masks */
export type Answers = (
  segmenter: Segmenter,
  image: Grid<Uint8Array>,
  objects: readonly PromptedObject[],
  options: PromptedImageOptions,
  refine: LabelMap | undefined,
) => Promise<Map<number, FramedLogits>>;

/**
 * The model's answers about objects, each in a crop of its own: the prompts are the events of a session, so the same
 * prompts in a session of the annotator or of a viewer get the same logits. A session holds as many objects as a byte
 * has labels; more take further sessions, as objects do not depend on each other.
 */
export const sessionAnswers: Answers = async (segmenter, image, objects, options, refine) => {
  const starts = refine === undefined ? new Map<number, number[]>() : labelRunsOf(refine.data);
  const answers = new Map<number, FramedLogits>();
  for (let first = 0; first < objects.length; first += largestLabel) {
    const some = objects.slice(first, first + largestLabel);
    const session = openSession(segmenter, image, { ...options, historyBytes: 0 });
    try {
      for (const event of eventsOf(some, starts)) await session.apply(event);
      for (const [i, { label }] of some.entries()) answers.set(label, session.answer(i + 1)!);
    } finally {
      session.dispose();
    }
  }
  return answers;
};

/**
 * The prompts as interactions like those that the model was trained on: an object's box first, then one click at a
 * time; the session takes a first click inside before the others. All wait for one `predict`.
 */
function eventsOf(objects: readonly PromptedObject[], starts: ReadonlyMap<number, number[]>): SessionEvent[] {
  const prompts = objects.flatMap(({ label: value, box, clicks }, i): SessionEvent[] => {
    const label = i + 1;
    const runs = starts.get(value);
    return [
      { type: "object", label, name: String(value), colour: "#000000" },
      ...(runs ? [{ type: "mask", label, runs } as const] : []),
      ...(box ? [{ type: "box", label, ...box, waits: true } as const] : []),
      ...clicks.map((click) => ({ type: "click", label, ...click, waits: true }) as const),
    ];
  });
  return [...prompts, { type: "predict" }];
}
