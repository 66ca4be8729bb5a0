import type { Box } from "@ensam/core/voxels";
import { escapeHtml } from "./html.ts";
import { areaPath, outlinePath, type Pixels } from "./outline.ts";
import { pictureColours } from "./palette.ts";
import { onPage, type SliceView } from "./sliceView.ts";

/** A click as it is drawn on a tile. */
export interface TileClick {
  readonly at: readonly [z: number, y: number, x: number];
  readonly isForeground: boolean;
  readonly isNewest: boolean;
}

/** What is drawn of the prompts. */
export interface Prompts {
  readonly box?: Box | undefined;
  readonly clicks: readonly TileClick[];
}

export const noPrompts: Prompts = { clicks: [] };

/** Width of a tile in its own units; text sizes refer to it. */
export const tileWidth = 200;

/** The image with the prompts: the box, dashed, and clicks. */
export function promptTile(view: SliceView, id: string, prompts: Prompts, label: string): string {
  return tile(view, id, promptMarks(view, prompts), label);
}

/** The outlines of truth (broad) and prediction (fine, above it), and prompts. */
export function outlineTile(view: SliceView, id: string, prediction: Pixels, prompts: Prompts, label: string): string {
  return tile(view, id, outlineMarks(view, prediction) + promptMarks(view, prompts), label);
}

/** What is missing and what is too much. */
export function errorTile(view: SliceView, id: string, prediction: Pixels, label: string): string {
  return tile(view, id, errorMarks(view, prediction), label);
}

export function promptMarks(view: SliceView, { box, clicks }: Prompts): string {
  return boxMark(view, box) + clickMarks(view, clicks);
}

export function truthMarks(view: SliceView): string {
  return truthOutline(view, 2.4);
}

export function outlineMarks(view: SliceView, prediction: Pixels): string {
  return truthOutline(view, 3.2) + shape(view, outlinePath(prediction), line(pictureColours.prediction, 1.6));
}

export function errorMarks(view: SliceView, prediction: Pixels): string {
  const { truth } = view;
  const only = (a: Uint8Array, b: Uint8Array) => ({
    ...truth,
    data: a.map((inside, i) => (inside === 1 && b[i] === 0 ? 1 : 0)),
  });
  const area = (a: Uint8Array, b: Uint8Array, colour: string) =>
    shape(view, areaPath(only(a, b)), `fill="${colour}" fill-opacity="0.85"`);
  return (
    area(truth.data, prediction.data, pictureColours.missed) + area(prediction.data, truth.data, pictureColours.extra)
  );
}

function tile(view: SliceView, id: string, marks: string, label: string): string {
  const attributes = `role="img" aria-label="${escapeHtml(label)}"`;
  return `<div class="tile">${tileSvg(view, id, marks, attributes)}<p class="label">${escapeHtml(label)}</p></div>`;
}

/** The image of a symbol with marks over it, as an SVG element of its own. */
export function tileSvg(view: SliceView, id: string, marks: string, attributes: string): string {
  const height = heightOf(view);
  return (
    `<svg viewBox="0 0 ${tileWidth} ${height}" ${attributes}>` +
    `<use href="#${id}" width="${tileWidth}" height="${height}"/>${marks}${scaleBar(view, height)}</svg>`
  );
}

export function heightOf({ rows, columns, rowSpacing, columnSpacing }: SliceView): number {
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

/** The rectangle of a prompt box, dashed; thin and pale where the slice lies outside of the box. */
function boxMark(view: SliceView, box: Box | undefined): string {
  if (box === undefined) return "";
  const first = onPage(view, box.min);
  const last = onPage(view, [box.max[0] - 1, box.max[1] - 1, box.max[2] - 1]);
  const [sx, sy] = [tileWidth / view.columns, heightOf(view) / view.rows];
  const x = round(Math.min(first.column, last.column) * sx);
  const y = round(Math.min(first.row, last.row) * sy);
  const width = round((Math.abs(first.column - last.column) + 1) * sx);
  const height = round((Math.abs(first.row - last.row) + 1) * sy);
  const { axis } = view.plane;
  const isHere = view.slice >= box.min[axis]! && view.slice < box.max[axis]!;
  const rectangle = (colour: string, stroke: number, dashes: string) =>
    `<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="none" stroke="${colour}" stroke-width="${stroke}"${dashes}${isHere ? "" : ' opacity="0.5"'}/>`;
  return (
    rectangle("#000", isHere ? 3 : 2, "") + rectangle(pictureColours.box, isHere ? 1.8 : 1, ' stroke-dasharray="6 4"')
  );
}

function clickMarks(view: SliceView, clicks: readonly TileClick[]): string {
  return clicks.map((click) => clickMark(view, click)).join("");
}

/** A disc with a plus or minus; a ring for a click on another slice; nothing outside the part shown. */
function clickMark(view: SliceView, { at, isForeground, isNewest }: TileClick): string {
  const place = onPage(view, at);
  const [column, row] = [place.column + 0.5, place.row + 0.5];
  if (column < 0 || row < 0 || column > view.columns || row > view.rows) return "";
  const cx = round((column / view.columns) * tileWidth);
  const cy = round((row / view.rows) * heightOf(view));
  const colour = isForeground ? pictureColours.foreground : pictureColours.background;
  const r = isNewest ? 7 : 5;
  if (at[view.plane.axis] !== view.slice)
    return `<circle cx="${cx}" cy="${cy}" r="${r - 1}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="3 2"/>`;
  const bar = r * 0.55;
  const sign = `M${cx - bar} ${cy}h${2 * bar}${isForeground ? `M${cx} ${cy - bar}v${2 * bar}` : ""}`;
  return (
    `<circle cx="${cx}" cy="${cy}" r="${r}" fill="${colour}" stroke="#fff" stroke-width="1.5"/>` +
    `<path d="${sign}" stroke="#fff" stroke-width="2" fill="none"/>`
  );
}

/**
 * A bar of a round length, about a third of the tile wide at most, with its length above it; in voxels where no size is
 * known.
 */
function scaleBar({ columns, columnSpacing, unit }: SliceView, height: number): string {
  const width = columns * columnSpacing;
  const length = roundLength(width / 3);
  const pixels = round((length / width) * tileWidth);
  const y = height - 8;
  return (
    `<path d="M8 ${y}h${pixels}" stroke="#000" stroke-width="5"/><path d="M8 ${y}h${pixels}" stroke="#fff" stroke-width="3"/>` +
    `<text x="8" y="${y - 6}" class="scale">${length} ${unit}</text>`
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
