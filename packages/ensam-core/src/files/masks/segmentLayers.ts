import { type LabelMap, labelBoxes } from "../../voxels/index.ts";
import type { MaskObject } from "./maskObject.ts";

/** First and last voxel along x, y and z; -1 as last of an empty segment. */
export type SegmentExtent = readonly [number, number, number, number, number, number];

/** Objects as layers of a segmentation. */
export interface SegmentLayers {
  /** [z, y, x, layer] in C order. */
  readonly data: Uint8Array | Uint16Array | Int32Array;
  readonly count: number;
  /** For each object. */
  readonly layerOf: readonly number[];
  readonly extents: readonly SegmentExtent[];
}

/** Puts each object into the first layer in which its voxels are free, by its own mask with `apart`, else by the label map, in one layer. */
export function segmentLayers(labels: LabelMap, objects: readonly MaskObject[], apart: boolean): SegmentLayers {
  const largest = Math.max(0, ...objects.map(({ label }) => label));
  const type = largest < 2 ** 8 ? Uint8Array : largest < 2 ** 16 ? Uint16Array : Int32Array;
  const isApart = apart && objects.some(({ mask }) => mask !== undefined);
  const layers: (Uint8Array | Uint16Array | Int32Array)[] = [new type(labels.data.length)];
  const layerOf = objects.map(() => 0);
  if (!isApart) {
    const known = new Set(objects.map(({ label }) => label));
    const [layer] = layers;
    for (let i = 0; i < labels.data.length; i++) if (known.has(labels.data[i]!)) layer![i] = labels.data[i]!;
  } else {
    for (const [index, object] of objects.entries()) {
      const voxels = voxelsOf(object, labels);
      let layer = layers.findIndex((data) => voxels.every((voxel) => data[voxel] === 0));
      if (layer < 0) layer = layers.push(new type(labels.data.length)) - 1;
      for (const voxel of voxels) layers[layer]![voxel] = object.label;
      layerOf[index] = layer;
    }
  }
  const boxes = layers.map((data) => labelBoxes({ data, shape: labels.shape } as LabelMap));
  const extents = objects.map(({ label }, index): SegmentExtent => {
    const found = boxes[layerOf[index]!]!.get(label);
    if (found === undefined) return [0, -1, 0, -1, 0, -1];
    const { min, max } = found.box;
    return [min[2], max[2] - 1, min[1], max[1] - 1, min[0], max[0] - 1];
  });
  return { data: interleaved(layers), count: layers.length, layerOf, extents };
}

function voxelsOf({ label, mask }: MaskObject, labels: LabelMap): number[] {
  const voxels: number[] = [];
  const { data } = mask ?? labels;
  for (let i = 0; i < data.length; i++) if (mask === undefined ? data[i] === label : data[i] !== 0) voxels.push(i);
  return voxels;
}

function interleaved<Data extends Uint8Array | Uint16Array | Int32Array>(layers: readonly Data[]): Data {
  const [first] = layers;
  if (layers.length === 1) return first!;
  const data = new (first!.constructor as new (length: number) => Data)(first!.length * layers.length);
  for (const [layer, values] of layers.entries()) {
    for (let i = 0; i < values.length; i++) data[i * layers.length + layer] = values[i]!;
  }
  return data;
}
