import type { MonitorState } from "../state/monitorState.ts";
import { printable } from "./cells.ts";
import { lineOf, type Paint, type Part, titleLine } from "./paint.ts";

/** The last notes and failures, newest first. */
export function notesPanel(state: MonitorState, width: number, height: number, paint: Paint): string[] {
  const lines = state.notes
    .toReversed()
    .slice(0, Math.max(0, height - 1))
    .map(({ step, kind, text }) =>
      lineOf(paint, width, [
        ["dim", `step ${step}  `],
        [kind === "warning" ? "warning" : "plain", printable(text)],
      ]),
    );
  if (lines.length === 0) lines.push(lineOf(paint, width, [["dim", "none"]]));
  const broken: Part[] = state.malformed === 0 ? [] : [["bad", `${state.malformed} lines were not rows`]];
  return [titleLine(paint, width, "notes", broken), ...lines].slice(0, height);
}
