import { type Box, boxShape, growBox, isInside, uniteBoxes, wholeBox } from "./box.ts";
import { poolingFactors } from "./pooling.ts";
import type { PromptedObject, Prompts } from "./prompts.ts";
import { voxelCount, type Zyx } from "./zyx.ts";

/**
 * Voxels of context around the boxes of one crop for all objects, and in validation, as in the authors' inference code;
 * the paper names none. (Training draws each side's: `samples/sample.ts`.)
 */
export const boxMargin = 32;

/** Voxels of context around the box of an object with a crop of its own: see `objectRegion`. Widest first. */
const objectMargins = [boxMargin, 24, 16] as const;

/**
 * The part of a volume to look at for one object alone: its box and, on each side, the most of 32, 24 and 16 voxels
 * with which the crop is pooled least; so 32, unless less context gives smaller cells. Training draws 1 to 64 on each
 * side, so the model knows them all; 12 and 8 made validation worse. Without a box the whole volume or, with
 * `cropWithoutBox`, that many voxels around the first foreground click. A click outside makes it grow by 32 voxels
 * around the click. It follows from the prompts alone, whatever was looked at before.
 *
 * What it gives beside one crop a case is in docs/measurements.md, "One crop a case or one an object".
 *
 * @param maxVoxels       cells that the model takes, before padding
 * @param cropWithoutBox  voxels around the click, or `undefined` for the whole volume
 * @returns               half-open, inside the volume, holding every prompt
 */
export function objectRegion(
  { box, clicks }: Prompts,
  shape: Zyx,
  maxVoxels: number,
  cropWithoutBox: number | undefined,
): Box {
  const region = box === undefined ? regionWithoutBox(clicks, shape, cropWithoutBox) : finest(box, shape, maxVoxels);
  return clicks.reduce((grown, click) => growToward(grown, click.at, shape), region ?? wholeBox(shape));
}

/** The box in the widest of the margins that give the smallest cells. */
function finest(box: Box, shape: Zyx, maxVoxels: number): Box {
  const regions = objectMargins.map((margin) => growBox(box, margin, shape));
  const cells = regions.map((region) => voxelCount(poolingFactors(boxShape(region), maxVoxels)));
  return regions[cells.indexOf(Math.min(...cells))]!;
}

/**
 * The part of a volume to look at for all objects at once: the union of their boxes, 32 voxels larger on each side.
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
  for (const { box, clicks } of objects) {
    const part = box ? growBox(box, boxMargin, shape) : regionWithoutBox(clicks, shape, cropWithoutBox);
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

function regionWithoutBox(clicks: Prompts["clicks"], shape: Zyx, cropWithoutBox: number | undefined): Box | undefined {
  const first = clicks.find((click) => click.foreground);
  return cropWithoutBox === undefined || first === undefined ? undefined : around(first.at, cropWithoutBox, shape);
}
