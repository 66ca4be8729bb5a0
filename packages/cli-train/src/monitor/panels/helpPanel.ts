import { keyHelp } from "../view/keys.ts";
import { padRight } from "./cells.ts";
import { lineOf, type Paint, titleLine } from "./paint.ts";

const keyCells = 10;

/** What the keys do, and how to read the curves. */
export function helpPanel(width: number, height: number, paint: Paint, isTraining = false): string[] {
  const lines = keyHelp(isTraining).map(([key, words]) =>
    lineOf(paint, width, [["bold", padRight(key, keyCells)], `  ${words}`]),
  );
  return [
    titleLine(paint, width, "keys"),
    ...lines,
    "",
    lineOf(paint, width, [
      ["dim", "loss: dots are steps, the line is smoothed. DSC: after the box, after each click."],
    ]),
    lineOf(paint, width, [["dim", "What is asked of a run happens when its current sample is done."]]),
  ].slice(0, height);
}
