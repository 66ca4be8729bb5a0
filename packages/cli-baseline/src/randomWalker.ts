import {
  type Box,
  boxShape,
  crop,
  type Grid,
  growBox,
  pooledShape,
  poolingFactors,
  voxelCount,
  type Zyx,
} from "@ensam/core/voxels";
import { inscribedEllipsoid } from "./inscribedEllipsoid.ts";
import type { Answer, KnownObject } from "./prompts.ts";
import { seed, solveRandomWalker } from "./solveRandomWalker.ts";

/** The walker's default in scikit-image. */
export const usualBeta = 130;
/** Larger regions are averaged until they have no more cells than this. */
const mostCells = 60_000;
/** Background seeds all round the box: this part of its sides, at least two voxels. */
const margin = { part: 0.15, least: 2 };
/** Voxels with an ellipsoid score above this are foreground seeds before any click says otherwise: half its radii. */
const core = 1 - 0.5 ** 2;

/**
 * A random walker inside of the box. Background is known outside of the box and at background clicks, foreground at
 * foreground clicks and in the inner half of the inscribed ellipsoid, but for the part of it that is nearer to a
 * background click than to the middle or a foreground click.
 */
export function randomWalker(image: Grid<Uint8Array>, object: KnownObject, spacing: Zyx, beta = usualBeta): Answer {
  const region = regionRound(object.box, image.shape);
  const shape = boxShape(region);
  const factors = poolingFactors(shape, mostCells);
  const cells = averaged(crop(image, region), factors);
  const seeds = seedsOf(object, region, factors, cells.shape);
  const cellSpacing = each((axis) => (spacing[axis]! / Math.min(...spacing)) * factors[axis]!);
  const probabilities = solveRandomWalker(cells, seeds, { beta, spacing: cellSpacing });
  const scores = new Float32Array(voxelCount(shape));
  eachVoxel(shape, (index, voxel) => {
    scores[index] = probabilities[cellIndex(voxel, factors, cells.shape)]! - 0.5;
  });
  return { box: region, scores };
}

function regionRound(box: Box, shape: Zyx): Box {
  const margins = each((axis) => Math.max(margin.least, Math.round(margin.part * boxShape(box)[axis]!)));
  return growBox(box, { low: margins, high: margins }, shape);
}

/** Means over blocks of voxels, 0 to 1; blocks at the high ends may be smaller. */
function averaged({ data, shape }: Grid<Uint8Array>, factors: Zyx): Grid<Float32Array> {
  const cells = pooledShape(shape, factors);
  const [sums, counts] = [new Float32Array(voxelCount(cells)), new Uint32Array(voxelCount(cells))];
  eachVoxel(shape, (index, voxel) => {
    const cell = cellIndex(voxel, factors, cells);
    sums[cell]! += data[index]! / 255;
    counts[cell]! += 1;
  });
  return { data: sums.map((sum, cell) => sum / counts[cell]!), shape: cells };
}

function seedsOf(object: KnownObject, region: Box, factors: Zyx, cells: Zyx): Uint8Array {
  const { box, foreground, background } = object;
  const seeds = new Uint8Array(voxelCount(cells));
  const cellOf = (voxel: Zyx) =>
    cellIndex(
      each((axis) => voxel[axis]! - region.min[axis]!),
      factors,
      cells,
    );
  eachVoxel(boxShape(region), (_, [z, y, x]) => {
    const voxel: Zyx = [z + region.min[0], y + region.min[1], x + region.min[2]];
    if (!isInside(voxel, box)) seeds[cellOf(voxel)] = seed.background;
  });
  const middle = each((axis) => (box.min[axis]! + box.max[axis]! - 1) / 2);
  const friends = [middle, ...foreground];
  const { scores } = inscribedEllipsoid(object);
  eachVoxel(boxShape(box), (index, [z, y, x]) => {
    if (scores[index]! < core) return;
    const voxel: Zyx = [z + box.min[0], y + box.min[1], x + box.min[2]];
    if (nearest(voxel, background) > nearest(voxel, friends)) seeds[cellOf(voxel)] = seed.foreground;
  });
  if (background.length === 0 && !seeds.includes(seed.foreground))
    seeds[cellOf(each((a) => Math.round(middle[a]!)))] = seed.foreground;
  const isSeen = (click: Zyx) => isInside(click, region);
  for (const click of background.filter(isSeen)) seeds[cellOf(click)] = seed.background;
  for (const click of foreground.filter(isSeen)) seeds[cellOf(click)] = seed.foreground;
  return withBothKinds(seeds);
}

/**
 * A box that fills the image leaves no background; one click can hold the only cell. The corners then stand for the
 * missing kind.
 */
function withBothKinds(seeds: Uint8Array): Uint8Array {
  if (!seeds.includes(seed.background)) seeds[seeds[0] === seed.none ? 0 : seeds.length - 1] = seed.background;
  if (!seeds.includes(seed.foreground)) {
    const free = seeds.indexOf(seed.none, seeds.length >> 1);
    seeds[free < 0 ? seeds.length >> 1 : free] = seed.foreground;
  }
  return seeds;
}

function nearest(voxel: Zyx, points: readonly Zyx[]): number {
  return points.reduce((least, point) => Math.min(least, Math.hypot(...each((a) => voxel[a]! - point[a]!))), Infinity);
}

function isInside(voxel: Zyx, { min, max }: Box): boolean {
  return voxel.every((place, axis) => place >= min[axis]! && place < max[axis]!);
}

function cellIndex(voxel: Zyx, factors: Zyx, [, height, width]: Zyx): number {
  const [z, y, x] = each((axis) => Math.floor(voxel[axis]! / factors[axis]!));
  return (z * height + y) * width + x;
}

function eachVoxel(shape: Zyx, visit: (index: number, voxel: Zyx) => void): void {
  let index = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++) visit(index++, [z, y, x]);
    }
  }
}

function each(value: (axis: number) => number): Zyx {
  return [value(0), value(1), value(2)];
}
