import { volumeMultiple } from "../model/index.ts";
import { type Box, boxShape, paddedShape, pooledShape, poolingFactors, voxelCount, type Zyx } from "../voxels/index.ts";

/**
 * How a part of a volume becomes the grid that the model sees: cropped, max-pooled to a voxel budget, padded at the
 * high ends to multiples of eight (as in training, ENSAM §3.2.3). Everything here is arithmetic on shapes; no voxel is touched.
 */
export interface View {
  /** Shape of the whole volume, voxels. */
  readonly volumeShape: Zyx;
  /** The part that is looked at, half-open, volume voxels. */
  readonly crop: Box;
  /** Voxels per grid cell on each axis: powers of two. */
  readonly factors: Zyx;
  /** Shape of the crop after pooling, cells. */
  readonly pooledShape: Zyx;
  /** Shape after padding, cells: what the model gets. */
  readonly paddedShape: Zyx;
}

/** The view of `crop` that fits into `maxVoxels` cells (before padding). */
export function viewOf(volumeShape: Zyx, crop: Box, maxVoxels: number): View {
  const shape = boxShape(crop);
  for (let axis = 0; axis < 3; axis++) {
    if (shape[axis]! < 1 || crop.min[axis]! < 0 || crop.max[axis]! > volumeShape[axis]!) {
      throw new RangeError(
        `viewOf: crop: expected a non-empty box inside [${volumeShape}], got [${crop.min}] to [${crop.max}]`,
      );
    }
  }
  const factors = poolingFactors(shape, maxVoxels);
  const pooled = pooledShape(shape, factors);
  return { volumeShape, crop, factors, pooledShape: pooled, paddedShape: paddedShape(pooled, volumeMultiple) };
}

/** The grid cell that holds a volume voxel; voxels outside of the crop go to the nearest cell. */
export function cellOf(view: View, voxel: Zyx): Zyx {
  return each((axis) => {
    const inside = Math.min(Math.max(voxel[axis]!, view.crop.min[axis]!), view.crop.max[axis]! - 1);
    return Math.floor((inside - view.crop.min[axis]!) / view.factors[axis]!);
  });
}

/** The volume voxels that a grid cell stands for, half-open and cut at the crop's end. */
export function voxelsOf(view: View, cell: Zyx): Box {
  const min = each((axis) => view.crop.min[axis]! + cell[axis]! * view.factors[axis]!);
  return { min, max: each((axis) => Math.min(min[axis]! + view.factors[axis]!, view.crop.max[axis]!)) };
}

/** First and last cell of a half-open volume box, both inclusive, as the prompt encoder wants its corners. */
export function cornersOf(view: View, box: Box): { low: Zyx; high: Zyx } {
  return {
    low: cellOf(view, box.min),
    high: cellOf(
      view,
      each((axis) => box.max[axis]! - 1),
    ),
  };
}

export function isInside(box: Box, voxel: Zyx): boolean {
  return voxel.every((v, axis) => v >= box.min[axis]! && v < box.max[axis]!);
}

export function paddedCount(view: View): number {
  return voxelCount(view.paddedShape);
}

function each(value: (axis: 0 | 1 | 2) => number): Zyx {
  return [value(0), value(1), value(2)];
}
