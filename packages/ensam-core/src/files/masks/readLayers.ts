import type { LabelMap } from "../../voxels/index.ts";
import { FileError } from "../fileError.ts";
import type { ImageFile } from "../imageFile.ts";
import { labelMapOf } from "../labelMap.ts";
import { readNrrd } from "../readNrrd.ts";
import type { LabelNames } from "./maskObject.ts";
import { type SlicerSegment, slicerSegments } from "./slicerSegments.ts";

const mostListed = 8;

/** Layers of a segmentation as one label map. */
export interface FlatLayers {
  readonly image: ImageFile;
  readonly labels: LabelMap;
  readonly names: LabelNames;
  readonly notes: readonly string[];
}

/**
 * The segments of a .seg.nrrd file of several layers as one label map. Where layers use the same values, as 3D Slicer's
 * do, labels become the numbers of the segments, from 1 in the order of the file, with a note. Segments that overlap
 * are a FileError that names them. Undefined where the file is no segmentation of several layers.
 */
export async function readLayers(path: string): Promise<FlatLayers | undefined> {
  const { segments, layers: count } = await slicerSegments(path);
  if (count < 2 || segments.length < 2) return undefined;
  const isUnique = new Set(segments.map(({ label }) => label)).size === segments.length;
  const labelOf = (segment: SlicerSegment, index: number): number => (isUnique ? segment.label : index + 1);
  const first = await readNrrd(path, { channel: 0 });
  const { shape } = first.volume;
  const largest = Math.max(...segments.map(labelOf));
  const data = new (largest < 2 ** 8 ? Uint8Array : Int32Array)(first.volume.data.length);
  for (let layer = 0; layer < count; layer++) {
    const { volume } = layer === 0 ? first : await readNrrd(path, { channel: layer });
    const values = labelMapOf(path, volume).labels.data;
    const labelOfValue = new Map(
      segments.flatMap((segment, index) =>
        segment.layer === layer ? [[segment.label, labelOf(segment, index)] as const] : [],
      ),
    );
    for (let i = 0; i < values.length; i++) {
      const label = values[i] === 0 ? undefined : labelOfValue.get(values[i]!);
      if (label === undefined) continue;
      if (data[i] !== 0) throw overlap(path, segments, labelOf, [data[i]!, label], count);
      data[i] = label;
    }
  }
  const named = segments.flatMap((segment, index) =>
    segment.name === "" ? [] : [[String(labelOf(segment, index)), segment.name] as const],
  );
  const notes = isUnique ? [] : ["layers use the same values; labels are the numbers of the segments, from 1"];
  return { image: first, labels: { data, shape }, names: Object.fromEntries(named), notes };
}

function overlap(
  path: string,
  segments: readonly SlicerSegment[],
  labelOf: (segment: SlicerSegment, index: number) => number,
  labels: readonly number[],
  layers: number,
): FileError {
  const listed = segments
    .slice(0, mostListed)
    .map(({ name, layer, label }) => `${name}: layer ${layer}, value ${label}`);
  const names = labels.map((label) => segments.find((one, index) => labelOf(one, index) === label)?.name ?? label);
  return new FileError(
    path,
    "one label a voxel",
    `a segmentation whose segments overlap, in ${layers} layers (${listed.join("; ")}): ${names.join(" and ")} share a voxel`,
  );
}
