import { basename } from "node:path";
import type { MonitorState } from "../state/monitorState.ts";
import { padLeft, padRight, printable } from "./cells.ts";
import { lineOf, type Paint, titleLine } from "./paint.ts";

/** The last checkpoints, newest first. */
export function checkpointPanel(state: MonitorState, width: number, height: number, paint: Paint): string[] {
  const lines = state.checkpoints
    .toReversed()
    .map(({ step, kind, path }) =>
      lineOf(paint, width, [
        [kind === "best" ? "good" : "plain", padRight(kind, 5)],
        padLeft(`step ${step}`, 12),
        ["dim", `  ${printable(basename(path))}`],
      ]),
    );
  if (lines.length === 0) lines.push(lineOf(paint, width, [["dim", "none yet"]]));
  return [titleLine(paint, width, "checkpoints"), ...lines].slice(0, height);
}
