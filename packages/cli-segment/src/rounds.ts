import type { PromptedObject } from "@ensam/core/inference";

/**
 * The prompts as a sequence of interactions like those the model was trained on: first every object's box (or, without
 * one, its first foreground click), then one click more of each object at a time. The last round has all prompts.
 */
export function roundsOf(objects: readonly PromptedObject[]): PromptedObject[][] {
  const ordered = objects.map((object) => ({ ...object, clicks: startable(object) }));
  const steps = (object: PromptedObject) => object.clicks.length + (object.box === undefined ? 0 : 1);
  const count = Math.max(...ordered.map(steps));
  return Array.from({ length: count }, (_, round) =>
    ordered.map((object) => {
      const count = Math.min(round + (object.box === undefined ? 1 : 0), object.clicks.length);
      return { ...object, clicks: object.clicks.slice(0, count) };
    }),
  );
}

/** Without a box, a foreground click has to come first: it says where the object is. */
function startable({ box, clicks }: PromptedObject): PromptedObject["clicks"] {
  const first = clicks.findIndex((click) => click.foreground);
  if (box !== undefined || first <= 0) return clicks;
  return [clicks[first]!, ...clicks.slice(0, first), ...clicks.slice(first + 1)];
}
