import { type Affine, axisCodes, isNoTurn, type PlacedShape, spacingOfAffine, turnOnto } from "../geometry/index.ts";
import { type LabelMap, sameZyx, turnGrid } from "../voxels/index.ts";
import { FileError } from "./fileError.ts";
import { placePart } from "./placePart.ts";

/** Corners of two grids that lie this near to each other, in voxels, are the same place: headers round. */
const samePlace = 0.05;
/** From here on another voxel is nearer. */
const otherVoxel = 0.5;

/** A grid as a file states it. */
export interface StatedGrid extends PlacedShape {
  /** Whether the file says where its axes run; without, the affine is an assumption. */
  readonly hasDirections: boolean;
}

/** A label map as a file states it. */
export interface StatedLabels {
  readonly labels: LabelMap;
  readonly affine: Affine;
  readonly hasDirections: boolean;
  /** Whether it may hold only a part of the image's grid. */
  readonly isPart?: boolean;
}

export interface AlignedLabels {
  /** On the grid of the image. */
  readonly labels: LabelMap;
  /** What was changed or taken on trust, one sentence each: a user should hear of it. */
  readonly warnings: readonly string[];
}

/**
 * A label map on the grid of its image: turned by the two affines where its axes are stored in another order or sense,
 * voxel for voxel, with a warning. Where one of the files states no orientation, where the map lies elsewhere by a
 * header of defaults only, or with `ignoreHeader`, a map of the image's shape is taken voxel by voxel.
 *
 * A segmentation that holds only a part of the image's grid (`isPart`) is put where its positions say.
 *
 * @throws FileError about `labelPath` where no turn gives the image's shape, or the map lies half a voxel or more away
 */
export function alignLabels(
  labelPath: string,
  image: StatedGrid,
  { labels, affine, hasDirections, isPart = false }: StatedLabels,
  { ignoreHeader = false }: { readonly ignoreHeader?: boolean } = {},
): AlignedLabels {
  if (ignoreHeader || !image.hasDirections || !hasDirections) {
    if (!sameZyx(labels.shape, image.shape)) throw otherShape(labelPath, image, labels);
    const unsure = image.hasDirections !== hasDirections;
    const which = image.hasDirections ? "label map" : "image";
    const words = `the ${which} states no orientation, so the label map is taken voxel by voxel`;
    return { labels, warnings: unsure && !ignoreHeader ? [words] : [] };
  }
  const found = turnOnto({ shape: labels.shape, affine }, image);
  if (isPart && (found === undefined || found.apart > otherVoxel)) return placePart(labelPath, image, labels, affine);
  const isBare = isDefault(affine) && sameZyx(labels.shape, image.shape);
  if (isBare && (found === undefined || found.apart > otherVoxel)) {
    const words = "the label map's header holds defaults only (1 mm, no origin), so it is taken voxel by voxel";
    return { labels, warnings: [words] };
  }
  if (found === undefined) throw otherShape(labelPath, image, labels);
  const { turn, apart } = found;
  const mm = (apart * Math.min(...spacingOfAffine(image.affine))).toPrecision(3);
  if (apart > otherVoxel) {
    throw new FileError(
      labelPath,
      "the place of the image (the same corners in mm, whatever the order of the axes)",
      `corners up to ${mm} mm away (--label-header ignore takes the labels voxel by voxel)`,
    );
  }
  const turned = `the label map was turned from axes ${axisCodes(affine)} to those of the image, ${axisCodes(image.affine)}`;
  const shifted = `the label map lies up to ${mm} mm from the image, less than half a voxel: taken as the same place`;
  return {
    labels: turnGrid(labels as LabelMap & { data: Uint8Array }, turn),
    warnings: [...(isNoTurn(turn) ? [] : [turned]), ...(apart > samePlace ? [shifted] : [])],
  };
}

/** What tools write that keep no place: 1 mm along each axis, no turn in RAS or in LPS, no origin. */
function isDefault(affine: Affine): boolean {
  return [1, -1].some((sign) =>
    [sign, 0, 0, 0, 0, sign, 0, 0, 0, 0, 1, 0].every((value, index) => affine[index] === value),
  );
}

function otherShape(labelPath: string, { shape }: StatedGrid, labels: LabelMap): FileError {
  return new FileError(
    labelPath,
    `the image's shape (z, y, x) = [${shape.join(", ")}]`,
    `[${labels.shape.join(", ")}]`,
  );
}
