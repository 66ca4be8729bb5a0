import type { MonitorState } from "../state/monitorState.ts";
import { meansOf } from "../state/series.ts";
import { chart } from "./chart.ts";
import { lineOf, type Paint, type Part, titleLine } from "./paint.ts";

/**
 * DSC after the box and after each click: of the validations if there are two, of the training samples, smoothed, else.
 */
export function dscPanel(state: MonitorState, width: number, height: number, paint: Paint): string[] {
  const { trainingDsc, validationDsc } = state.curves;
  const validated = validationDsc.some(({ buckets }) => buckets.length > 1);
  const series = validated ? validationDsc : trainingDsc;
  const title = `DSC ${validated ? "validation" : "training"}`;
  if (!series.some(({ buckets }) => buckets.length > 0)) {
    return [titleLine(paint, width, title), lineOf(paint, width, [["dim", "no interactions yet"]])];
  }
  const names = series.map((_, i): Part => [`curve${i}`, `${i === 0 ? "box" : i} `]);
  const curves = series.map((curve, i) => ({ points: meansOf(curve), style: `curve${i}` as const }));
  const values = curves.flatMap(({ points }) => points.map(({ y }) => y));
  // In tenths, so that the picture stands still while values move within one.
  const tenth = (value: number, round: (x: number) => number) =>
    round(value * 10 + 1e-9 * (round === Math.ceil ? -1 : 1)) / 10;
  const low = tenth(
    values.reduce((least, value) => Math.min(least, value), 1),
    Math.floor,
  );
  const high = Math.max(
    low + 0.1,
    tenth(
      values.reduce((most, value) => Math.max(most, value), 0),
      Math.ceil,
    ),
  );
  const range = [low, high] as const;
  const format = (value: number) => value.toFixed(2);
  return [titleLine(paint, width, title, names), ...chart(curves, { width, height: height - 1, range, format }, paint)];
}
