import { type Affine, affineOfLps } from "../geometry/index.ts";
import type { Zyx } from "../voxels/index.ts";
import { affineIn, gridOf } from "./challengeCase.ts";
import type { VolumeChoice } from "./chooseVolume.ts";
import { FileError } from "./fileError.ts";
import { type ImageFile, imageOf } from "./imageFile.ts";
import type { Note } from "./note.ts";
import { type NpzArchive, readNpz } from "./npz.ts";
import { spacingOf } from "./storedSpacing.ts";

const unitDirection = [1, 0, 0, 0, 1, 0, 0, 0, 1];

/**
 * The member `key` of an npz archive as an image, array axes (z, y, x) as stored; without `key`, the first of
 * `candidates` that is there. `affine` (4 x 4, as NIfTI's), else `spacing` (x, y, z in mm), `direction` and `origin`
 * (LPS, as SimpleITK gives them) are used where the archive has them.
 */
export async function readNpzImage(
  path: string,
  key: string | undefined,
  candidates: readonly string[],
  { onSize }: Pick<VolumeChoice, "onSize"> = {},
): Promise<ImageFile> {
  const archive = await readNpz(path);
  const chosen = key ?? candidates.find((candidate) => archive.has(candidate));
  if (chosen === undefined) {
    throw new FileError(
      path,
      `a key ${candidates.join(" or ")}, or the name of one`,
      `the keys ${archive.keys().join(", ")}`,
    );
  }
  // The shape is known only when the member is inflated; the challenge's images have a byte a voxel.
  const bytes = archive.bytes(chosen) ?? 0;
  onSize?.(bytes, bytes);
  const array = archive.numbers(chosen);
  const { data, shape } = gridOf(`${path}: ${chosen}`, array);
  const { affine, hasDirections, notes } = npzPlacement(archive);
  const stored = { format: "npz", type: array.dtype, hasDirections } as const;
  return imageOf(path, data, shape, affine, stored, notes);
}

/** Where the voxels of an archive lie, by `affine`, else by `spacing`, `direction` and `origin`, and what had to be assumed. */
export function npzPlacement(archive: NpzArchive): { affine: Affine; hasDirections: boolean; notes: Note[] } {
  if (archive.has("affine")) {
    return { affine: affineIn(`${archive.path}: affine`, archive.numbers("affine")), hasDirections: true, notes: [] };
  }
  const notes: Note[] = [];
  let spacing: Zyx = [1, 1, 1];
  if (archive.has("spacing")) spacing = spacingOf(`${archive.path}: spacing`, archive.numbers("spacing")).spacing;
  else notes.push({ doubt: "no voxel size is stored; taken as 1 mm" });
  const direction = optionalNumbers(archive, "direction", 9);
  const origin = optionalNumbers(archive, "origin", 3) ?? [0, 0, 0];
  if (!direction) notes.push("no orientation is stored; x is taken to run left, y to the back, z up");
  return {
    affine: affineOfLps([...spacing].reverse(), direction ?? unitDirection, origin),
    hasDirections: direction !== undefined,
    notes,
  };
}

function optionalNumbers(archive: NpzArchive, key: string, count: number): number[] | undefined {
  if (!archive.has(key)) return undefined;
  const { data } = archive.numbers(key);
  if (data.length !== count) throw new FileError(`${archive.path}: ${key}`, `${count} numbers`, `${data.length}`);
  return Array.from(data);
}
