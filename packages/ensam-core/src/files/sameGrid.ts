import type { Zyx } from "../voxels/index.ts";
import { type Affine, voxelToWorld } from "./affine.ts";
import { FileError } from "./fileError.ts";

/** How far apart, in voxels, the corners of two grids may lie and still count as the same place. */
const cornerTolerance = 0.05;

/** A shape and where it lies. */
export interface PlacedShape {
  readonly shape: Zyx;
  readonly affine: Affine;
}

/**
 * Notes on how the grid of a label map differs from its image's; none if they agree. Different shapes are a FileError about `labelPath`;
 * different places only a note, since a shared array is what training needs and headers are often wrong.
 */
export function compareGrids(labelPath: string, image: PlacedShape, labels: PlacedShape): string[] {
  if (image.shape.join() !== labels.shape.join()) {
    throw new FileError(
      labelPath,
      `the image's shape (z, y, x) = [${image.shape.join(", ")}]`,
      `[${labels.shape.join(", ")}]`,
    );
  }
  const [depth, height, width] = image.shape;
  const smallest = Math.min(
    ...[0, 1, 2].map((axis) => Math.hypot(image.affine[axis]!, image.affine[4 + axis]!, image.affine[8 + axis]!)),
  );
  let apart = 0;
  for (const z of [0, depth - 1]) {
    for (const y of [0, height - 1]) {
      for (const x of [0, width - 1]) {
        const [there, here] = [voxelToWorld(image.affine, [z, y, x]), voxelToWorld(labels.affine, [z, y, x])];
        apart = Math.max(apart, Math.hypot(...there.map((value, axis) => value - here[axis]!)));
      }
    }
  }
  if (apart <= cornerTolerance * smallest) return [];
  return [
    `the labels lie elsewhere than the image: corners are up to ${apart.toPrecision(3)} mm apart; taken as the same grid`,
  ];
}
