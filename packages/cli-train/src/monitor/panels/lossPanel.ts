import type { MonitorState } from "../state/monitorState.ts";
import { meansOf } from "../state/series.ts";
import { chart, usualRange } from "./chart.ts";
import { shortNumber } from "./numbers.ts";
import { lineOf, type Paint, type Part, titleLine } from "./paint.ts";

/** The loss of each step as dots, smoothed as a line. */
export function lossPanel(state: MonitorState, width: number, height: number, paint: Paint): string[] {
  const { loss, smoothedLoss } = state.curves;
  const remark: Part[] = state.smoothedLoss === undefined ? [] : [["curve3", shortNumber(state.smoothedLoss)]];
  const title = titleLine(paint, width, "loss", remark);
  const points = meansOf(loss);
  const smooth = meansOf(smoothedLoss);
  const usual = usualRange(points.map(({ y }) => y));
  if (usual === undefined) return [title, lineOf(paint, width, [["dim", "no steps yet"]])];
  const smoothed = smooth.map(({ y }) => y);
  const range = [Math.min(usual[0], ...smoothed), Math.max(usual[1], ...smoothed)] as const;
  const curves = [
    { points, style: "dim", drawn: "dots" },
    { points: smooth, style: "curve3" },
  ] as const;
  return [title, ...chart(curves, { width, height: height - 1, range }, paint)];
}
