import type { RandomStream, Zyx } from "../voxels/index.ts";
import type { LabelSource } from "./labelSource.ts";
import { rotation } from "./rotation.ts";
import { type SmoothField, smoothField } from "./smoothField.ts";

/** How a synthetic image looks at a label map: a turned, stretched, bent grid of cells around one object. */
export interface View {
  /** Cells along (z, y, x). */
  readonly shape: Zyx;
  /** Parts into which each cell is cut along each axis while it is painted, for partial volume. */
  readonly parts: Zyx;
  /** Size of a cell, mm. */
  readonly spacing: Zyx;
  /** Nine numbers, row by row: from mm of the image, counted from its centre, to mm of the label map. */
  readonly turn: Float64Array;
  /** Where the image's centre lies in the label map, mm from the corner of its first voxel. */
  readonly centre: Zyx;
  /** Displacement of each axis, mm, by a field of the position in units of `length` mm. */
  readonly bend: { readonly fields: readonly SmoothField[]; readonly amplitude: number; readonly length: number };
}

/** Part of the image's longest side that the object's longest side takes. */
const objectShare = { least: 0.12, most: 0.95 };
/** Cells are not finer than this part of the map's finest voxel, and not coarser than this many of them. */
const cellRange = { finest: 0.6, coarsest: 5 };
/** Thick slices: how often, and how many times thicker than wide. */
const slices = { share: 0.45, least: 1.5, most: 6, acrossZ: 0.8, mostParts: 4 };

/**
 * Draws a view of an object: its size in the image, rotation, axis order and mirroring (all 48), stretching by up to 15
 * %, smooth bending, thick slices in 45 % of the images, and where the object lies in the image.
 *
 * @param size  most cells along an axis
 */
export function drawView(source: LabelSource, label: number, size: number, random: RandomStream): View {
  const { box } = source.objects.get(label)!;
  const { spacing } = source;
  const extent = each((axis) => (box.max[axis]! - box.min[axis]!) * spacing[axis]!);
  const cell = drawCell(Math.max(...extent), Math.min(...spacing), size, random);
  const thick = drawThickness(random);
  const shape = each((axis) => Math.max(6, Math.round((size * random.uniform(0.65, 1)) / thick[axis]!)));
  const cellSize = each((axis) => cell * thick[axis]!);
  const turn = drawTurn(random);
  const middle = each((axis) => ((box.min[axis]! + box.max[axis]!) / 2) * spacing[axis]!);
  const jitter = each((axis) => random.uniform(-0.25, 0.25) * shape[axis]! * cellSize[axis]!);
  const isSmooth = Math.max(...thick) === 1 && random.float() < 0.3;
  return {
    shape,
    parts: each((axis) => (isSmooth ? 2 : Math.min(slices.mostParts, Math.round(thick[axis]!)))),
    spacing: cellSize,
    turn,
    centre: each((axis) => middle[axis]! + dot(turn, axis, jitter)),
    bend: {
      fields: [smoothField(random), smoothField(random), smoothField(random)],
      amplitude: random.float() < 0.7 ? cell * random.uniform(0, 1.8) : 0,
      length: cell * size * random.uniform(0.15, 0.4),
    },
  };
}

function drawCell(longest: number, finest: number, size: number, random: RandomStream): number {
  const { least, most } = objectShare;
  const share = least * (most / least) ** Math.sqrt(random.float()); // Larger shares more often, as in crops round objects.
  return Math.min(cellRange.coarsest * finest, Math.max(cellRange.finest * finest, longest / (share * size)));
}

function drawThickness(random: RandomStream): Zyx {
  if (random.float() >= slices.share) return [1, 1, 1];
  const thickness = random.uniform(slices.least, slices.most);
  const axis = random.float() < slices.acrossZ ? 0 : random.int(1, 3);
  return each((a) => (a === axis ? thickness : 1));
}

/** A signed axis permutation, often turned further, stretched along its own axes. */
function drawTurn(random: RandomStream): Float64Array {
  const kind = random.float();
  const reach = kind < 0.3 ? 0 : kind < 0.8 ? 0.35 : Math.PI;
  const rotated = rotation([angle(reach, random), angle(reach, random), angle(reach, random)]);
  const axes = random.shuffle([0, 1, 2]);
  const turn = new Float64Array(9);
  axes.forEach((from, axis) => {
    const stretch = random.uniform(0.87, 1.15) * (random.float() < 0.5 ? -1 : 1);
    for (let row = 0; row < 3; row++) turn[3 * row + axis] = rotated[3 * row + from]! * stretch;
  });
  return turn;
}

function angle(reach: number, random: RandomStream): number {
  return random.uniform(-reach, reach);
}

function dot(matrix: Float64Array, row: number, vector: Zyx): number {
  return matrix[3 * row]! * vector[0] + matrix[3 * row + 1]! * vector[1] + matrix[3 * row + 2]! * vector[2];
}

function each(value: (axis: number) => number): Zyx {
  return [value(0), value(1), value(2)];
}
