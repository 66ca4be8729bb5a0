import { type Box, boxShape, intersectBoxes, wholeBox, type Zyx } from "@ensam/core/geometry";
import { HttpError } from "./viewerRequest.ts";

/**
 * The box cut to the image, and where it is one voxel thin (drawn in one slice), made thicker about its middle: as
 * thick in mm as the mean of its other sides, cut to the image again.
 *
 * @param spacing  mm along (z, y, x)
 * @throws HttpError 400 for a box of one voxel or outside of the image
 */
export function thickBox(box: Box, spacing: Zyx, shape: Zyx): Box {
  const inside = intersectBoxes(box, wholeBox(shape));
  const words = `[${box.min}] to [${box.max}]`;
  if (inside === undefined) throw new HttpError(400, `box: expected voxels (z, y, x) of [${shape}], got ${words}`);
  const drawn = boxShape(box);
  const thick = ([0, 1, 2] as const).filter((axis) => drawn[axis] > 1);
  if (thick.length === 0) throw new HttpError(400, `box: expected more than one voxel, got ${words}`);
  const mean = thick.reduce<number>((sum, axis) => sum + drawn[axis] * spacing[axis], 0) / thick.length;
  const min = [...inside.min] as [number, number, number];
  const max = [...inside.max] as [number, number, number];
  for (const axis of [0, 1, 2] as const) {
    if (drawn[axis] > 1) continue;
    const voxels = Math.min(2 * shape[axis] + 1, Math.max(1, Math.round(mean / spacing[axis])));
    const low = min[axis] - Math.floor((voxels - 1) / 2);
    [min[axis], max[axis]] = [Math.max(0, low), Math.min(shape[axis], low + voxels)];
  }
  return { min, max };
}
