import { type Box, growBox, isInside, uniteBoxes, wholeBox } from "./box.ts";
import type { PromptedObject } from "./prompts.ts";
import type { Zyx } from "./zyx.ts";

/**
 * Voxels of context around what is asked for, in use and in validation, as in the authors' inference code; the paper
 * names none. (Training draws each side's: `samples/sample.ts`.)
 */
export const boxMargin = 32;

/**
 * The part of a volume to look at for these objects: the union of their boxes, 32 voxels larger on each side.
 * With an object that has no box the whole volume is taken, which never misses the object; a number for
 * `cropWithoutBox` instead takes that many voxels around its first foreground click, which keeps more detail in large
 * volumes and loses what lies outside.
 *
 * @param cropWithoutBox  voxels around the click, or `undefined` for the whole volume
 * @returns               half-open, inside the volume, holding every prompt
 */
export function regionOf(objects: readonly PromptedObject[], shape: Zyx, cropWithoutBox?: number): Box {
  const whole = wholeBox(shape);
  let region: Box | undefined;
  for (const object of objects) {
    const part = objectRegion(object, shape, cropWithoutBox);
    if (part === undefined) return whole;
    region = region === undefined ? part : uniteBoxes(region, part);
  }
  if (region === undefined) return whole;
  for (const object of objects) for (const click of object.clicks) region = growToward(region, click.at, shape);
  return region;
}

/** The region if it holds the voxel already, else the smallest box with both and 32 voxels around the voxel. */
export function growToward(region: Box, voxel: Zyx, shape: Zyx): Box {
  return isInside(region, voxel) ? region : uniteBoxes(region, around(voxel, boxMargin, shape));
}

/** The voxels at most `margin` away from `voxel` on each axis, cut at the volume's border. */
export function around(voxel: Zyx, margin: number, shape: Zyx): Box {
  const max: Zyx = [voxel[0] + 1, voxel[1] + 1, voxel[2] + 1];
  return growBox({ min: voxel, max }, margin, shape);
}

function objectRegion(object: PromptedObject, shape: Zyx, cropWithoutBox: number | undefined): Box | undefined {
  if (object.box !== undefined) return growBox(object.box, boxMargin, shape);
  const first = object.clicks.find((click) => click.foreground);
  if (cropWithoutBox === undefined || first === undefined) return undefined;
  return around(first.at, cropWithoutBox, shape);
}
