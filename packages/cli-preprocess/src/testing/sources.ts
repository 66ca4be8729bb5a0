import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { npyArray, writeNpz } from "@ensam/core/files";
import type { VoxelArray } from "@ensam/core/voxels";

/** Makes an empty folder for a test. */
export function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "ensam-preprocess-"));
}

/** A small image with a label map, to be written as an npz of its own keys. */
export interface TestVolume {
  readonly image: VoxelArray;
  readonly label?: VoxelArray;
  readonly shape: readonly number[];
  readonly labelShape?: readonly number[];
}

/** Writes FOLDER/NAME.npz (keys `vol`, `seg`, spacing 0.5, 0.5, 3 along x, y, z) and returns its source row. */
export async function writeSource(
  folder: string,
  name: string,
  volume: TestVolume,
  more: Record<string, unknown> = {},
) {
  const { image, label, shape, labelShape = shape } = volume;
  const spacing = npyArray(Float64Array.of(0.5, 0.5, 3), [3]);
  const members = { vol: npyArray(image, [...shape]), spacing };
  const seg = label && npyArray(label, [...labelShape]);
  await writeNpz(join(folder, `${name}.npz`), seg === undefined ? members : { ...members, seg });
  const labelFields = label === undefined ? {} : { label: `${name}.npz`, label_key: "seg" };
  const identity = { type: "source", case: name, modality: "CT", dataset: "CT_Test" };
  return { ...identity, image: `${name}.npz`, image_key: "vol", ...labelFields, ...more };
}

/** Four voxels in a row along x, labelled 1 from the third on. */
export const fourVoxels: TestVolume = {
  image: Int16Array.of(-500, 40, 240, 1000),
  label: Uint8Array.of(0, 0, 1, 1),
  shape: [1, 1, 4],
};
