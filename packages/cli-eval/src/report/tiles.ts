import { escapeHtml } from "./html.ts";
import { areaPath, outlinePath, type Pixels } from "./outline.ts";
import { pictureColours } from "./palette.ts";
import type { SliceView } from "./sliceView.ts";

/** A click as it is drawn on a tile. */
export interface TileClick {
  readonly at: readonly [z: number, y: number, x: number];
  readonly isForeground: boolean;
  readonly isNewest: boolean;
}

/** Width of a tile in its own units; text sizes refer to it. */
const tileWidth = 200;

export function imageTile(view: SliceView, id: string): string {
  return tile(view, id, "", "image");
}

export function truthTile(view: SliceView, id: string): string {
  return tile(view, id, truthOutline(view, 2), "truth");
}

/** The prediction filled, the truth's outline, and the clicks so far. */
export function predictionTile(
  view: SliceView,
  id: string,
  prediction: Pixels,
  clicks: readonly TileClick[],
  label: string,
): string {
  const fill = shape(view, areaPath(prediction), `fill="${pictureColours.prediction}" fill-opacity="0.42"`);
  const edge = shape(view, outlinePath(prediction), line(pictureColours.prediction, 1.5));
  return tile(
    view,
    id,
    fill + edge + truthOutline(view, 1.5) + clicks.map((click) => clickMark(view, click)).join(""),
    label,
  );
}

/** What is missing and what is too much after the last click. */
export function errorTile(view: SliceView, id: string, prediction: Pixels): string {
  const { truth } = view;
  const only = (a: Uint8Array, b: Uint8Array) => ({
    ...truth,
    data: a.map((inside, i) => (inside === 1 && b[i] === 0 ? 1 : 0)),
  });
  const missed = shape(
    view,
    areaPath(only(truth.data, prediction.data)),
    `fill="${pictureColours.missed}" fill-opacity="0.85"`,
  );
  const extra = shape(
    view,
    areaPath(only(prediction.data, truth.data)),
    `fill="${pictureColours.extra}" fill-opacity="0.85"`,
  );
  return tile(view, id, missed + extra, "error after click 5");
}

function tile(view: SliceView, id: string, marks: string, label: string): string {
  const height = heightOf(view);
  return (
    `<div class="tile"><svg viewBox="0 0 ${tileWidth} ${height}" role="img" aria-label="${escapeHtml(label)}">` +
    `<use href="#${id}" width="${tileWidth}" height="${height}"/>${marks}${scaleBar(view, height)}</svg>` +
    `<p class="label">${escapeHtml(label)}</p></div>`
  );
}

function heightOf({ rows, columns, rowSpacing, columnSpacing }: SliceView): number {
  return Math.round((tileWidth * rows * rowSpacing) / (columns * columnSpacing));
}

function truthOutline(view: SliceView, width: number): string {
  return shape(view, outlinePath(view.truth), line(pictureColours.truth, width));
}

/** Pixel paths stretched to the tile; lines keep their width. */
function shape(view: SliceView, path: string, attributes: string): string {
  if (path === "") return "";
  const scale = `scale(${round(tileWidth / view.columns)} ${round(heightOf(view) / view.rows)})`;
  return `<path transform="${scale}" d="${path}" ${attributes}/>`;
}

function line(colour: string, width: number): string {
  return `fill="none" stroke="${colour}" stroke-width="${width}" stroke-linecap="square" vector-effect="non-scaling-stroke"`;
}

/** A disc with a plus or minus; a ring for a click on another slice; nothing outside the part shown. */
function clickMark(view: SliceView, { at: [z, y, x], isForeground, isNewest }: TileClick): string {
  const [column, row] = [x - view.left + 0.5, y - view.top + 0.5];
  if (column < 0 || row < 0 || column > view.columns || row > view.rows) return "";
  const cx = round((column / view.columns) * tileWidth);
  const cy = round((row / view.rows) * heightOf(view));
  const colour = isForeground ? pictureColours.foreground : pictureColours.background;
  const r = isNewest ? 7 : 5;
  if (z !== view.z)
    return `<circle cx="${cx}" cy="${cy}" r="${r - 1}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="3 2"/>`;
  const bar = r * 0.55;
  const sign = `M${cx - bar} ${cy}h${2 * bar}${isForeground ? `M${cx} ${cy - bar}v${2 * bar}` : ""}`;
  return (
    `<circle cx="${cx}" cy="${cy}" r="${r}" fill="${colour}" stroke="#fff" stroke-width="1.5"/>` +
    `<path d="${sign}" stroke="#fff" stroke-width="2" fill="none"/>`
  );
}

/** A bar of a round number of mm, about a third of the tile wide at most, with its length above it. */
function scaleBar({ columns, columnSpacing }: SliceView, height: number): string {
  const widthMm = columns * columnSpacing;
  const length = roundLength(widthMm / 3);
  const pixels = round((length / widthMm) * tileWidth);
  const y = height - 8;
  return (
    `<path d="M8 ${y}h${pixels}" stroke="#000" stroke-width="5"/><path d="M8 ${y}h${pixels}" stroke="#fff" stroke-width="3"/>` +
    `<text x="8" y="${y - 6}" class="scale">${length} mm</text>`
  );
}

/** The largest of 1, 2, 5, 10, ... (or tenths) that is not above the limit. */
function roundLength(limit: number): number {
  const power = 10 ** Math.floor(Math.log10(limit));
  const step = [5, 2, 1].find((factor) => factor * power <= limit * (1 + 1e-9))!;
  return Number((step * power).toPrecision(1));
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
