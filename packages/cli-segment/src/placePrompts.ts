import { UsageError } from "@ensam/core/command";
import {
  type Affine,
  inverseTurn,
  type RasPoint,
  turnAffine,
  turnToLps,
  turnVoxel,
  turnZyx,
  voxelToWorld,
  worldToVoxel,
} from "@ensam/core/geometry";
import type { Click, PromptedObject } from "@ensam/core/inference";
import type { Box, Zyx } from "@ensam/core/voxels";
import { hasName, isLabel, type RawPoint, type RawPrompt } from "./rawPrompts.ts";

/** An object to segment, with a name if the user gave one. */
export interface NamedObject extends PromptedObject {
  readonly name?: string;
}

/** The grid that prompts are placed on. */
export interface PlacedGrid {
  readonly shape: Zyx;
  readonly affine: Affine;
}

/**
 * The objects that the prompts are about, ascending by label, in voxels of the image. An object called by a number has
 * that label; names get the smallest free numbers in the order in which they appear. A point outside of the image, two
 * boxes for one object, or an object with background clicks only is a UsageError.
 */
export function placePrompts(
  grid: PlacedGrid,
  prompts: readonly RawPrompt[],
  namesByLabel: ReadonlyMap<number, string> = new Map(),
): NamedObject[] {
  if (prompts.length === 0)
    throw new UsageError("prompts: expected --box, --click or --prompts, got none (see --help)");
  const labels = labelsOf(prompts, namesByLabel);
  const found = new Map<number, { name?: string; box?: Box; clicks: Click[] }>();
  for (const { where, object, space, prompt } of prompts) {
    const label = labels.get(object)!;
    const name = namesByLabel.get(label) ?? (isLabel(object) || !hasName(object) ? undefined : object);
    const entry = found.get(label) ?? { ...(name !== undefined && { name }), clicks: [] };
    found.set(label, entry);
    if (prompt.kind === "click") {
      entry.clicks.push({ at: voxelAt(where, grid, prompt.at, space), foreground: prompt.foreground });
    } else {
      if (entry.box !== undefined) throw new UsageError(`${where}: expected one box for object ${label}, got a second`);
      entry.box = boxBetween(where, grid, prompt.corners, space);
    }
  }
  for (const [label, { box, clicks }] of found) {
    if (box !== undefined || clicks.some((click) => click.foreground)) continue;
    throw new UsageError(`object ${label}: expected a box or a foreground click, got background clicks only`);
  }
  return [...found].sort(([a], [b]) => a - b).map(([label, entry]) => ({ label, ...entry }));
}

function labelsOf(prompts: readonly RawPrompt[], namesByLabel: ReadonlyMap<number, string>): Map<string, number> {
  const byName = new Map([...namesByLabel].map(([label, name]) => [name, label]));
  const keys = [...new Set(prompts.map((prompt) => prompt.object))];
  const taken = new Set([...keys.filter(isLabel).map(Number), ...namesByLabel.keys()]);
  let next = 1;
  const labels = new Map<string, number>();
  for (const key of keys) {
    const known = isLabel(key) ? Number(key) : byName.get(key);
    if (known === undefined) {
      while (taken.has(next)) next++;
      taken.add(next);
    }
    labels.set(key, known ?? next);
  }
  return labels;
}

function voxelAt(where: string, grid: PlacedGrid, point: RawPoint, space: "voxel" | "mm"): Zyx {
  const voxel = space === "mm" ? voxelAround(grid, point as RasPoint) : nearest(point);
  const isInside = voxel.every((index, axis) => index >= 0 && index < grid.shape[axis]!);
  if (!isInside) throw outside(where, grid, voxel);
  if (space === "voxel" && !point.every(Number.isInteger)) {
    throw new UsageError(`${where}: expected whole voxel numbers (or --mm), got ${point.join(",")}`);
  }
  return voxel;
}

/** The voxels between two opposite corners, both inside; in mm, the smallest box of voxels around the eight corners. */
function boxBetween(
  where: string,
  grid: PlacedGrid,
  [a, b]: readonly [RawPoint, RawPoint],
  space: "voxel" | "mm",
): Box {
  const pick = (i: number): RawPoint =>
    [0, 1, 2].map((axis) => (i & (1 << axis) ? b : a)[axis]!) as unknown as RawPoint;
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => voxelAt(where, grid, pick(i), space));
  const extreme = (of: (...values: number[]) => number): Zyx =>
    [0, 1, 2].map((axis) => of(...corners.map((corner) => corner[axis]!))) as unknown as Zyx;
  const [z, y, x] = extreme(Math.max);
  return { min: extreme(Math.min), max: [z + 1, y + 1, x + 1] };
}

/**
 * The voxel around a point. A point half-way between two goes to the one on the left, at the back or above, whatever the
 * order in which the file stores its axes; half-way is meant within a thousandth of a voxel, since headers round.
 */
function voxelAround({ shape, affine }: PlacedGrid, point: RasPoint): Zyx {
  const turn = turnToLps(affine);
  const at = worldToVoxel(turnAffine(turn, shape, affine), point);
  const voxel = at.map((value) => Math.floor(value + 0.501)) as unknown as Zyx;
  return turnVoxel(inverseTurn(turn), turnZyx(turn, shape), voxel);
}

function nearest(point: readonly number[]): Zyx {
  return point.map((value) => Math.round(value) + 0) as unknown as Zyx;
}

/** Says which voxels and which millimetres there are. */
function outside(where: string, { shape, affine }: PlacedGrid, voxel: Zyx): UsageError {
  const ranges = ["z", "y", "x"].map((axis, i) => `${axis} 0 to ${shape[i]! - 1}`).join(", ");
  const last: Zyx = [shape[0] - 1, shape[1] - 1, shape[2] - 1];
  const words = (point: RasPoint) => `(${point.map((value) => Number(value.toFixed(1))).join(", ")})`;
  const world = `${words(voxelToWorld(affine, [0, 0, 0]))} to ${words(voxelToWorld(affine, last))}`;
  const at = `z ${voxel[0]}, y ${voxel[1]}, x ${voxel[2]}, which is ${words(voxelToWorld(affine, voxel))} mm`;
  return new UsageError(`${where}: expected voxels with ${ranges} (x,y,z from ${world} mm), got ${at}`);
}
