import type { SegmentationRow } from "@ensam/core/command";
import type { ImageFile } from "@ensam/core/files";
import { determinant } from "@ensam/core/geometry";
import { type Box, labelBoxes } from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";
import type { Segmented } from "./segmentImage.ts";
import { statisticsOf } from "./statistics.ts";

type ObjectRow = SegmentationRow["objects"][number];
type Corners = NonNullable<ObjectRow["box"]>;

/** What the row says about each object. Corners are voxels (z, y, x), both inside. */
export function objectRows(
  objects: readonly NamedObject[],
  { labels, looks }: Pick<Segmented, "labels" | "looks">,
  { volume, affine }: Pick<ImageFile, "volume" | "affine">,
  { statistics }: { readonly statistics: boolean },
): ObjectRow[] {
  const found = labelBoxes(labels);
  const voxelMm3 = Math.abs(determinant(affine));
  return objects.map(({ label, name, box, clicks }) => {
    const mask = found.get(label);
    const voxels = mask?.voxels ?? 0;
    const again = looks.get(label);
    return {
      label,
      ...(name !== undefined && { name }),
      voxels,
      volumeMm3: Number((voxels * voxelMm3).toPrecision(6)),
      extent: mask === undefined ? null : cornersOf(mask.box),
      box: box === undefined ? null : cornersOf(box),
      clicks: clicks.map(({ at: [z, y, x], foreground }) => ({ at: [z, y, x], kind: foreground ? "fg" : "bg" })),
      ...(again !== undefined && { looks: again.map(({ why, crop }) => ({ why, crop: cornersOf(crop) })) }),
      ...(statistics && {
        statistics: mask === undefined ? null : statisticsOf(volume, affine, labels, label, mask.box, voxels),
      }),
    };
  });
}

function cornersOf({ min, max }: Box): Corners {
  return [
    [min[0], min[1], min[2]],
    [max[0] - 1, max[1] - 1, max[2] - 1],
  ];
}
