import type { RandomStream } from "../../voxels/index.ts";
import { type LabelSource, labelSource } from "../labelSource.ts";
import { blobs, holed, lesions } from "./blobs.ts";
import { type Canvas, canvas } from "./canvas.ts";
import { instances } from "./instances.ts";
import { sheets } from "./sheets.ts";
import { trees, tubes } from "./tubes.ts";

const makers = { blobs, lesions, holed, tubes, trees, sheets, instances } as const;

export type ShapeKind = keyof typeof makers;

export const shapeKinds = Object.keys(makers) as readonly ShapeKind[];

/**
 * A label map of random shapes, for images that no anatomy gives.
 *
 * @param size  voxels along each side
 */
export function drawShapes(kind: ShapeKind, size: number, random: RandomStream): LabelSource {
  for (;;) {
    const target: Canvas = canvas(size);
    makers[kind](target, random);
    if (target.data.some((label) => label !== 0)) return labelSource(target, [1, 1, 1]);
  }
}
