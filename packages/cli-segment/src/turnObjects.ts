import { type AxisTurn, turnBox, turnVoxel } from "@ensam/core/geometry";
import type { Zyx } from "@ensam/core/voxels";
import type { NamedObject } from "./placePrompts.ts";

/** The objects with their prompts on the turned grid. */
export function turnObjects(objects: readonly NamedObject[], turn: AxisTurn, shape: Zyx): NamedObject[] {
  return objects.map(({ box, clicks, ...object }) => ({
    ...object,
    ...(box !== undefined && { box: turnBox(turn, shape, box) }),
    clicks: clicks.map((click) => ({ ...click, at: turnVoxel(turn, shape, click.at) })),
  }));
}
