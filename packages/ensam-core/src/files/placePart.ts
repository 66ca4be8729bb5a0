import { type Affine, type PlacedShape, voxelToWorld, worldToVoxel } from "../geometry/index.ts";
import { type LabelMap, voxelCount, type Zyx } from "../voxels/index.ts";
import { FileError } from "./fileError.ts";

/** A voxel may lie this far from the image's, in voxels of the image. */
const tolerance = 0.5;

export interface PlacedPart {
  /** On the image's grid. */
  readonly labels: LabelMap;
  readonly warnings: readonly string[];
}

/**
 * A label map that holds a part of its image's grid, or some of its slices, on the whole grid by position, within half
 * a voxel: axes in any order and sense, steps along an axis that are a whole multiple of the image's. Labelled voxels
 * outside of the image are a FileError.
 */
export function placePart(path: string, image: PlacedShape, labels: LabelMap, affine: Affine): PlacedPart {
  const toImage = (voxel: Zyx): Zyx => worldToVoxel(image.affine, voxelToWorld(affine, voxel));
  const origin = toImage([0, 0, 0]);
  const start = roundedZyx(origin);
  const steps = [0, 1, 2].map((axis) => {
    const unit = toImage([axis === 0 ? 1 : 0, axis === 1 ? 1 : 0, axis === 2 ? 1 : 0]);
    return roundedZyx([unit[0] - origin[0], unit[1] - origin[1], unit[2] - origin[2]]);
  }) as [Zyx, Zyx, Zyx];
  const { shape } = labels;
  const place = ([z, y, x]: Zyx): Zyx =>
    [0, 1, 2].map((i) => start[i]! + z * steps[0][i]! + y * steps[1][i]! + x * steps[2][i]!) as unknown as Zyx;
  const apart = cornersOf(shape).reduce((most, corner) => {
    const [exact, whole] = [toImage(corner), place(corner)];
    return Math.max(most, ...[0, 1, 2].map((i) => Math.abs(exact[i]! - whole[i]!)));
  }, 0);
  const isOneToOne = steps.every((step, axis) => shape[axis] === 1 || step.filter((value) => value !== 0).length === 1);
  if (!(apart < tolerance) || !isOneToOne) {
    throw new FileError(
      path,
      "voxels where the image has some, within half a voxel",
      "a segmentation on a grid turned, shifted or of other voxel sizes",
    );
  }
  const data = new (labels.data.constructor as new (length: number) => LabelMap["data"])(voxelCount(image.shape));
  const [, height, width] = image.shape;
  let index = 0;
  for (let z = 0; z < shape[0]; z++) {
    for (let y = 0; y < shape[1]; y++) {
      for (let x = 0; x < shape[2]; x++, index++) {
        const label = labels.data[index]!;
        if (label === 0) continue;
        const [toZ, toY, toX] = place([z, y, x]);
        const isInside = [toZ, toY, toX].every((index, axis) => index >= 0 && index < image.shape[axis]!);
        if (!isInside) throw new FileError(path, "labelled voxels inside the image", `label ${label} outside of it`);
        data[(toZ * height + toY) * width + toX] = label;
      }
    }
  }
  return {
    labels: { data, shape: image.shape } as LabelMap,
    warnings: [
      `the segmentation holds ${shape.join(" x ")} of the image's ${image.shape.join(" x ")} voxels (z, y, x): placed by position`,
    ],
  };
}

function roundedZyx([z, y, x]: Zyx): Zyx {
  return [Math.round(z), Math.round(y), Math.round(x)];
}

function cornersOf([depth, height, width]: Zyx): Zyx[] {
  return [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => [
    bits & 4 ? depth - 1 : 0,
    bits & 2 ? height - 1 : 0,
    bits & 1 ? width - 1 : 0,
  ]);
}
