import { writeFileAtomically } from "@ensam/core/files";
import { type AxisTurn, turnPrompts, turnZyx } from "@ensam/core/geometry";
import { type Box, type Grid, type LabelMap, labelBoxes, turnGrid, uniteBoxes, type Zyx } from "@ensam/core/voxels";
import type { NamedObject } from "../placePrompts.ts";
import { type Canvas, canvasOf, type Rgb, textWidth } from "./canvas.ts";
import { bodyPlanes, filePlanes, largestSection, type Plane, shownBox, storedSlice } from "./planes.ts";

export interface PreviewInput {
  /** Written above the picture. */
  readonly title: string;
  /** The grey levels that the model saw, on the file's grid. */
  readonly image: Grid<Uint8Array>;
  /** Distance of voxels along (z, y, x) of the file, mm. */
  readonly spacing: Zyx;
  readonly labels: LabelMap;
  readonly objects: readonly NamedObject[];
  /** To LPS, for an image that states its orientation. */
  readonly turn: AxisTurn;
  readonly hasDirections: boolean;
}

/** Longest side of a plane, pixels. */
const tileSize = 300;
const gap = 10;
/** Height of a line of text with the space below it, pixels. */
const line = 20;
/** Objects in one picture; the others are counted in its title. */
const mostObjects = 12;
const white: Rgb = [235, 235, 235];
const dim: Rgb = [150, 150, 150];
const colors = {
  outline: [255, 70, 70],
  box: [255, 210, 60],
  foreground: [80, 230, 110],
  background: [90, 170, 255],
} as const;

/**
 * Writes a PNG with a row for each object: three planes, each at its largest section, in the right proportions, with
 * the mask's outline, the prompts that lie in the slice, the sides of the body, and a bar of known length.
 */
export async function writePreview(path: string, input: PreviewInput): Promise<void> {
  const { PNG } = await import("pngjs");
  const { width, height, data } = drawPreview(input);
  const png = new PNG({ width, height });
  png.data = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  await writeFileAtomically(path, PNG.sync.write(png, { colorType: 2 }));
}

/** The picture that {@link writePreview} writes. */
export function drawPreview({ title, image, spacing, labels, objects, turn, hasDirections }: PreviewInput): Canvas {
  const seen = turnGrid(image, turn);
  const turned = turnGrid(labels as Grid<Uint8Array>, turn);
  const prompted = objects.map((object) => turnPrompts(turn, image.shape, object));
  const steps = turnZyx(turn, spacing);
  const found = labelBoxes(turned);
  const shown = prompted.slice(0, mostObjects);
  const planes = hasDirections ? bodyPlanes : filePlanes;
  const rowHeight = line + tileSize + line + gap;
  const canvas = canvasOf(3 * tileSize + 4 * gap, gap + 2 * line + shown.length * rowHeight + gap);
  const more = prompted.length > shown.length ? `, ${prompted.length - shown.length} more objects not shown` : "";
  canvas.text(gap, gap, fitting(`${title}${more}`, canvas.width - 2 * gap), white);
  const convention = hasDirections
    ? "radiological: the patient's right is on the left"
    : "no orientation in the file: its own axes x, y, z";
  canvas.text(gap, gap + line, convention, dim);
  shown.forEach((object, i) => {
    const top = gap + 2 * line + i * rowHeight;
    const mask = found.get(object.label);
    const called = object.name === undefined ? `label ${object.label}` : `label ${object.label} ${object.name}`;
    const size = mask === undefined ? "empty" : `${mask.voxels} voxels`;
    canvas.text(gap, top, fitting(`${called}: ${size}`, canvas.width - 2 * gap), white);
    const extent = mask?.box ?? promptedBox(object);
    const part = shownBox(object.box === undefined ? extent : uniteBoxes(extent, object.box), steps, seen.shape);
    const scale = scaleOf(part, steps);
    planes.forEach((plane, p) => {
      const middle = Math.floor((extent.min[plane.across] + extent.max[plane.across]) / 2);
      const slice = mask === undefined ? middle : largestSection(turned, object.label, extent, plane.across);
      const where = storedSlice(turn, image.shape, plane.across, slice);
      const left = gap + p * (tileSize + gap);
      drawPlane(canvas, left, top + line, { plane, slice, part, steps, scale, seen, labels: turned, object });
      canvas.text(left, top + line + tileSize + 3, `${plane.name}, slice ${where}`, dim);
    });
  });
  return canvas;
}

interface Tile {
  readonly plane: Plane;
  readonly slice: number;
  /** The part of the turned image that is shown. */
  readonly part: Box;
  readonly steps: Zyx;
  /** Pixels per mm. */
  readonly scale: number;
  readonly seen: Grid<Uint8Array>;
  readonly labels: LabelMap;
  readonly object: NamedObject;
}

function drawPlane(canvas: Canvas, left: number, top: number, tile: Tile): void {
  const { plane, slice, part, steps, scale, seen, labels, object } = tile;
  const columns = Math.max(1, Math.round((part.max[plane.right] - part.min[plane.right]) * steps[plane.right] * scale));
  const rows = Math.max(1, Math.round((part.max[plane.down] - part.min[plane.down]) * steps[plane.down] * scale));
  const [offsetX, offsetY] = [Math.floor((tileSize - columns) / 2), Math.floor((tileSize - rows) / 2)];
  const voxel = (axis: 0 | 1 | 2, pixel: number, pixels: number, flipped: boolean): number => {
    const count = part.max[axis] - part.min[axis];
    const i = Math.min(count - 1, Math.floor(((pixel + 0.5) * count) / pixels));
    return flipped ? part.max[axis] - 1 - i : part.min[axis] + i;
  };
  const at = new Array<number>(3);
  const index = (x: number, y: number): number => {
    at[plane.across] = slice;
    at[plane.right] = voxel(plane.right, x, columns, false);
    at[plane.down] = voxel(plane.down, y, rows, plane.downIsFlipped);
    return (at[0]! * seen.shape[1] + at[1]!) * seen.shape[2] + at[2]!;
  };
  const inside = (x: number, y: number): boolean => labels.data[index(x, y)] === object.label;
  for (let y = 0; y < rows; y++) {
    for (let x = 0; x < columns; x++) {
      const grey = seen.data[index(x, y)]!;
      // The inner side of the mask's border; the picture's own border is none.
      const isOutline =
        inside(x, y) &&
        ((x > 0 && !inside(x - 1, y)) ||
          (x < columns - 1 && !inside(x + 1, y)) ||
          (y > 0 && !inside(x, y - 1)) ||
          (y < rows - 1 && !inside(x, y + 1)));
      canvas.set(left + offsetX + x, top + offsetY + y, isOutline ? colors.outline : [grey, grey, grey]);
    }
  }
  drawPrompts(canvas, left + offsetX, top + offsetY, columns, rows, tile);
  drawSides(canvas, left, top, plane);
  drawBar(canvas, left, top, scale);
}

function drawPrompts(canvas: Canvas, left: number, top: number, columns: number, rows: number, tile: Tile): void {
  const { plane, slice, part, object } = tile;
  const pixel = (axis: 0 | 1 | 2, edge: number, pixels: number, flipped: boolean): number => {
    const share = (edge - part.min[axis]) / (part.max[axis] - part.min[axis]);
    return Math.round((flipped ? 1 - share : share) * pixels);
  };
  const { box, clicks } = object;
  if (box !== undefined && slice >= box.min[plane.across] && slice < box.max[plane.across]) {
    const xs = [box.min, box.max].map((edge) => pixel(plane.right, edge[plane.right], columns, false));
    const ys = [box.min, box.max].map((edge) => pixel(plane.down, edge[plane.down], rows, plane.downIsFlipped));
    const [x0, x1] = [Math.min(...xs), Math.max(...xs) - 1];
    const [y0, y1] = [Math.min(...ys), Math.max(...ys) - 1];
    for (let x = x0; x <= x1; x++) for (const y of [y0, y1]) if (x % 6 < 3) canvas.set(left + x, top + y, colors.box);
    for (let y = y0; y <= y1; y++) for (const x of [x0, x1]) if (y % 6 < 3) canvas.set(left + x, top + y, colors.box);
  }
  for (const { at, foreground } of clicks) {
    if (at[plane.across] !== slice) continue;
    const x = left + pixel(plane.right, at[plane.right] + 0.5, columns, false);
    const y = top + pixel(plane.down, at[plane.down] + 0.5, rows, plane.downIsFlipped);
    const color = foreground ? colors.foreground : colors.background;
    canvas.fill(x - 5, y, 11, 1, color);
    if (foreground) canvas.fill(x, y - 5, 1, 11, color);
  }
}

function drawSides(canvas: Canvas, left: number, top: number, { sides }: Plane): void {
  const [west, east, north, south] = sides;
  const middle = tileSize / 2 - 7;
  const write = (x: number, y: number, words: string) => {
    canvas.fill(x - 2, y - 2, textWidth(words) + 2, 18, [0, 0, 0]);
    canvas.text(x, y, words, white);
  };
  write(left + 3, top + middle, west);
  write(left + tileSize - textWidth(east) - 1, top + middle, east);
  write(left + middle, top + 3, north);
  write(left + middle, top + tileSize - 17, south);
}

/** A bar of 1, 2 or 5 times a power of ten, in mm, at most a third of the plane long. */
function drawBar(canvas: Canvas, left: number, top: number, scale: number): void {
  const most = tileSize / 3 / scale;
  const power = 10 ** Math.floor(Math.log10(most));
  const mm = ([5, 2, 1].find((times) => times * power <= most) ?? 1) * power;
  const pixels = Math.round(mm * scale);
  const words = `${Number(mm.toPrecision(2))} mm`;
  const y = top + tileSize - 6;
  canvas.fill(left + 1, y - 18, Math.max(pixels, textWidth(words)) + 6, 24, [0, 0, 0]);
  canvas.text(left + 4, y - 16, words, white);
  canvas.fill(left + 4, y, pixels, 3, white);
}

function promptedBox({ box, clicks }: NamedObject): Box {
  if (box !== undefined) return box;
  const { at } = clicks[0]!;
  return { min: at, max: [at[0] + 1, at[1] + 1, at[2] + 1] };
}

function scaleOf({ min, max }: Box, steps: Zyx): number {
  return tileSize / Math.max(...steps.map((mm, axis) => mm * (max[axis]! - min[axis]!)));
}

function fitting(words: string, width: number): string {
  const most = Math.floor(width / textWidth("x"));
  return words.length <= most ? words : `${words.slice(0, most - 3)}...`;
}
