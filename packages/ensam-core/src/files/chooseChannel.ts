import type { VolumeChoice } from "./chooseVolume.ts";
import { FileError } from "./fileError.ts";

/** Which of several volumes and of several channels (colours, vectors, layers of a segmentation) to read. */
export interface ImagePart extends VolumeChoice {
  /** From 0. */
  readonly channel?: number | undefined;
}

/**
 * The index, from 0, of the channel to read: the chosen one, or the only one. Several without a choice are a FileError
 * that says `got`, a choice beyond them one that says how many `parts` there are.
 */
export function chooseChannel(
  path: string,
  count: number,
  { channel }: ImagePart,
  got: string,
  parts = "channels",
): number {
  if (channel === undefined && count > 1) {
    throw new FileError(path, parts === "layers" ? "one label a voxel" : "one number a voxel", got);
  }
  const chosen = channel ?? 0;
  if (Number.isInteger(chosen) && chosen >= 0 && chosen < count) return chosen;
  throw new FileError(path, `one of ${count} ${parts}, counted from 0`, `${chosen}`);
}
