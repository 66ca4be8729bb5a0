import type { LabelMap } from "../../voxels/index.ts";
import { FileError } from "../fileError.ts";
import { writeFileAtomically } from "../writeFileAtomically.ts";
import { chooseVolume } from "./chooseVolume.ts";
import type { DicomPlace } from "./dicomPlace.ts";
import { findVolumes } from "./dicomVolumes.ts";
import { newUid } from "./elements.ts";
import { encodeElements } from "./encodeElements.ts";
import { sourcesOf } from "./readDicom.ts";
import { readHeader } from "./readHeader.ts";
import { metaInformation, type Segment, type SegmentFrame, segmentationDataset } from "./segmentationDataset.ts";
import { stackFrames } from "./stackFrames.ts";

/** The DICOM series a segmentation belongs to. */
export interface SegmentedSeries {
  readonly place: DicomPlace;
  readonly series?: string | undefined;
}

/**
 * Writes a label map on the grid of a DICOM series as a DICOM segmentation (PS3.3 A.51): binary, bits packed over frame
 * borders, one frame for each slice in which an object has voxels. Segments are numbered from 1 in the order given; the
 * user's label is kept as tracking identifier ("label 5"). Patient, study and frame of reference are those of the
 * series, which every frame refers to. Segments with a mask of their own may overlap. Rejects with a FileError where
 * the series is no regular volume of the label map's shape.
 */
export async function writeDicomSeg(
  path: string,
  labels: LabelMap,
  segments: readonly Segment[],
  { place, series }: SegmentedSeries,
): Promise<void> {
  const { volume } = chooseVolume(place.path, await findVolumes(await sourcesOf(place)), series);
  const stack = stackFrames(volume.frames);
  const [first] = stack.frames;
  const shape = [stack.frames.length, first!.rows, first!.columns];
  if (stack.problems.length > 0) {
    throw new FileError(path, "a regular DICOM series to refer to", stack.problems.join("; "));
  }
  if (shape.join() !== labels.shape.join()) {
    throw new FileError(path, `labels of shape (z, y, x) = [${shape}]`, `[${labels.shape}]`);
  }
  const header = await readHeader(first!.header.source);
  const frames = segments.flatMap((segment, index) => segmentFrames(labels, segment, index + 1));
  if (frames.length === 0) throw new FileError(path, "an object with at least one voxel", "none");
  const instance = newUid();
  const dataset = segmentationDataset(instance, stack, header!.dataset, segments, frames);
  await writeFileAtomically(path, [
    Buffer.alloc(128),
    Buffer.from("DICM"),
    ...metaInformation(instance),
    ...encodeElements(dataset),
  ]);
}

function segmentFrames(labels: LabelMap, { label, mask: segmentMask }: Segment, segment: number): SegmentFrame[] {
  const { data, shape } = segmentMask ?? labels;
  const count = shape[1] * shape[2];
  const frames: SegmentFrame[] = [];
  for (let slice = 0; slice < shape[0]; slice++) {
    let mask: Uint8Array | undefined;
    for (let index = 0; index < count; index++) {
      const value = data[slice * count + index]!;
      if (segmentMask === undefined ? value !== label : value === 0) continue;
      mask ??= new Uint8Array(count);
      mask[index] = 1;
    }
    if (mask) frames.push({ segment, slice, mask });
  }
  return frames;
}
