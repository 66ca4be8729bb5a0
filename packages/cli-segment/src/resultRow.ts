import type { SegmentationRow } from "@ensam/core/command";
import type { Affine } from "@ensam/core/geometry";
import { type Box, type LabelMap, labelBoxes } from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";

type ObjectRow = SegmentationRow["objects"][number];
type Corners = NonNullable<ObjectRow["box"]>;

/** What the row says about each object. Corners are voxels (z, y, x), both inside. */
export function objectRows(objects: readonly NamedObject[], labels: LabelMap, affine: Affine): ObjectRow[] {
  const found = labelBoxes(labels);
  const voxelMm3 = voxelVolume(affine);
  return objects.map(({ label, name, box, clicks }) => {
    const mask = found.get(label);
    const voxels = mask?.voxels ?? 0;
    return {
      label,
      ...(name !== undefined && { name }),
      voxels,
      volumeMm3: Number((voxels * voxelMm3).toPrecision(6)),
      extent: mask === undefined ? null : cornersOf(mask.box),
      box: box === undefined ? null : cornersOf(box),
      clicks: clicks.map(({ at: [z, y, x], foreground }) => ({ at: [z, y, x], kind: foreground ? "fg" : "bg" })),
    };
  });
}

function cornersOf({ min, max }: Box): Corners {
  return [
    [min[0], min[1], min[2]],
    [max[0] - 1, max[1] - 1, max[2] - 1],
  ];
}

/** mm³ of one voxel, also where the axes are not at right angles. */
function voxelVolume(affine: Affine): number {
  const [a, b, c, , d, e, f, , g, h, i] = affine as number[];
  return Math.abs(a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!));
}
