import type { MonitorState } from "../state/monitorState.ts";
import { meansOf } from "../state/series.ts";
import { chart } from "./chart.ts";
import { shortNumber } from "./numbers.ts";
import { lineOf, type Paint, titleLine } from "./paint.ts";

/** The learning rate over steps. */
export function ratePanel(state: MonitorState, width: number, height: number, paint: Paint): string[] {
  const points = meansOf(state.curves.learningRate);
  const now = state.last?.learningRate;
  const title = titleLine(paint, width, "learning rate", now === undefined ? [] : [["accent", shortNumber(now)]]);
  if (points.length === 0) return [title, lineOf(paint, width, [["dim", "no steps yet"]])];
  const most = points.reduce((high, { y }) => Math.max(high, y), 0);
  const curves = [{ points, style: "accent" }] as const;
  return [title, ...chart(curves, { width, height: height - 1, range: [0, most] }, paint)];
}
