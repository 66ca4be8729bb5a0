import { type Box, growBox, type Zyx } from "@ensam/core/voxels";

/** What is known of one object, in voxels of the image. */
export interface KnownObject {
  /** Half-open. Without a box prompt, a cube round the first foreground click. */
  readonly box: Box;
  readonly foreground: readonly Zyx[];
  readonly background: readonly Zyx[];
}

/** Half the side of the cube, in voxels, that stands for the box of an object that has clicks only. */
const reachWithoutBox = 16;

/** The cube round a click that stands for a box. */
export function boxRound(click: Zyx, shape: Zyx): Box {
  const voxel: Box = { min: click, max: [click[0] + 1, click[1] + 1, click[2] + 1] };
  return growBox(voxel, reachWithoutBox, shape);
}

/** How surely voxels of a box belong to an object: above 0 they do; between objects the highest wins. */
export interface Answer {
  readonly box: Box;
  /** In C order, as many values as the box has voxels. */
  readonly scores: Float32Array;
}
