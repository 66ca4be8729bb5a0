import { FileError } from "./fileError.ts";

/** Which volume of a 4-D file to read. */
export interface VolumeChoice {
  /** Its number along the fourth axis, from 0. */
  readonly volume?: number | undefined;
  /** Whether a file with a single volume is taken whatever the number, as one label map serves every volume of its image. */
  readonly soleServesAll?: boolean;
  /** Told how many voxels the image has, and their bytes as stored, before they are read; what it throws ends the reading. */
  readonly onSize?: ((voxels: number, bytes: number) => void) | undefined;
}

/**
 * Returns the number of the volume to read from a file whose axes (x, y, z, and the fourth if there is one) have these
 * lengths; `axes` says in errors what they are. A file of several volumes without a choice, a choice it does not have,
 * and other numbers of axes are FileErrors.
 */
export function chooseVolume(
  path: string,
  lengths: readonly number[],
  { volume, soleServesAll }: VolumeChoice,
  axes = `axes of ${lengths.join(" x ")} voxels`,
): number {
  if (lengths.length < 3 || lengths.length > 4) throw new FileError(path, "one volume with three axes", axes);
  const count = lengths[3] ?? 1;
  if (count === 1 && soleServesAll) return 0;
  if (volume === undefined && count > 1) {
    throw new FileError(path, "one volume with three axes", `${axes}; --volume N takes one of the ${count}, from 0`);
  }
  const chosen = volume ?? 0;
  if (chosen < count) return chosen;
  throw new FileError(path, `a volume ${chosen}`, count === 1 ? "a single volume" : `volumes 0 to ${count - 1}`);
}
