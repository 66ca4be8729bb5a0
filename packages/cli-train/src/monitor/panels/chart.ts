import { brailleCanvas, brailleRow, drawLine, noOwner, setDot } from "./braille.ts";
import { padLeft } from "./cells.ts";
import { shortNumber } from "./numbers.ts";
import type { Paint, Style } from "./paint.ts";

export interface Curve {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly style: Style;
  /** Joined by lines, or left as dots. @default "line" */
  readonly drawn?: "line" | "dots";
}

export interface ChartOptions {
  readonly width: number;
  /** Lines of text, with the one of the axis. */
  readonly height: number;
  /** Values at the lower and upper edge; beyond them curves lie on the edge. */
  readonly range: readonly [low: number, high: number];
  readonly format?: (value: number) => string;
}

const labelCells = 6;

/** Curves over steps in braille, with labels at the edges. Later curves lie over earlier ones. */
export function chart(curves: readonly Curve[], options: ChartOptions, paint: Paint): string[] {
  const { width, height, format = shortNumber } = options;
  const columns = width - labelCells - 1;
  const rows = height - 1;
  if (columns < 4 || rows < 1) return [];
  const [low, high] = spread(options.range);
  const [first, last] = stepsOf(curves);
  const canvas = brailleCanvas(columns, rows);
  const xOf = (x: number) => (last === first ? 0 : Math.round(((x - first) / (last - first)) * (2 * columns - 1)));
  const yOf = (y: number) => {
    const part = Math.min(1, Math.max(0, (y - low) / (high - low)));
    return Math.round((1 - part) * (4 * rows - 1));
  };
  curves.forEach(({ points, drawn = "line" }, owner) => {
    let before: readonly [number, number] | undefined;
    const dots = points.map(({ x, y }) => ({ x: xOf(x), y }));
    for (const { x, y } of drawn === "line" ? onePerColumn(dots) : dots) {
      const point = [x, yOf(y)] as const;
      if (drawn === "line" && before !== undefined) drawLine(canvas, before, point, owner);
      else setDot(canvas, point[0], point[1], owner);
      before = point;
    }
  });
  const labels = new Map([
    [0, format(high)],
    ...(rows > 4 ? [[Math.floor((rows - 1) / 2), format(valueAt(rows, low, high))] as const] : []),
    ...(rows > 1 ? [[rows - 1, format(low)] as const] : []),
  ]);
  const lines = Array.from({ length: rows }, (_, row) => {
    const label = labels.get(row);
    const axis = paint("dim", `${padLeft(label ?? "", labelCells)}${label === undefined ? "│" : "┤"}`);
    const dots = brailleRow(canvas, row).map(({ owner, text }) =>
      owner === noOwner ? text : paint(curves[owner]!.style, text),
    );
    return axis + dots.join("");
  });
  return [...lines, stepAxis(first, last, columns, paint)];
}

/** The mean of the points of each column of dots, so that a line stays thin where there are many. */
function onePerColumn(points: readonly { x: number; y: number }[]): { x: number; y: number }[] {
  const columns: { x: number; sum: number; count: number }[] = [];
  for (const { x, y } of points) {
    const last = columns.at(-1);
    if (last?.x === x) {
      last.sum += y;
      last.count += 1;
    } else columns.push({ x, sum: y, count: 1 });
  }
  return columns.map(({ x, sum, count }) => ({ x, y: sum / count }));
}

function stepAxis(first: number, last: number, columns: number, paint: Paint): string {
  const [left, right] = [shortNumber(first), `step ${shortNumber(last)}`];
  const space = columns - left.length - right.length - 1;
  const words = space < 1 ? padLeft(right, columns) : `${left}${" ".repeat(space + 1)}${right}`;
  return paint("dim", `${" ".repeat(labelCells)}└${words}`);
}

/** The value in the middle of the row of the middle label. */
function valueAt(rows: number, low: number, high: number): number {
  const row = Math.floor((rows - 1) / 2);
  return high - ((row + 0.5) / rows) * (high - low);
}

function stepsOf(curves: readonly Curve[]): [number, number] {
  let [first, last] = [Infinity, -Infinity];
  for (const { points } of curves) {
    // Points come in the order of their steps.
    first = Math.min(first, points[0]?.x ?? Infinity);
    last = Math.max(last, points.at(-1)?.x ?? -Infinity);
  }
  return last < first ? [0, 0] : [first, last];
}

/** A range that is not empty. */
function spread([low, high]: readonly [number, number]): [number, number] {
  if (high > low) return [low, high];
  const margin = Math.abs(low) * 0.1 || 1;
  return [low - margin, low + margin];
}

/** The values between which most lie: without the extreme hundredth at either end. */
export function usualRange(values: readonly number[], share = 0.01): [number, number] | undefined {
  if (values.length === 0) return undefined;
  const sorted = [...values].sort((a, b) => a - b);
  const skipped = Math.floor(sorted.length * share);
  return [sorted[skipped]!, sorted[sorted.length - 1 - skipped]!];
}
