import { resolve } from "node:path";
import type { VoxelArray, Zyx } from "../voxels/index.ts";
import { affineOfLps } from "./affine.ts";
import { checkGiplVoxels, checkMetaVoxels } from "./checkPackedVoxels.ts";
import { chooseVolume, type VolumeChoice } from "./chooseVolume.ts";
import { exactNumbers } from "./decodeArray.ts";
import { FileError, reasonOf } from "./fileError.ts";
import { type ImageFile, imageOf } from "./imageFile.ts";
import { type ItkImage, type ItkReader, readWithItk } from "./itkWorker.ts";

const readers = {
  nrrd: "nrrdReadImageNode",
  meta: "metaReadImageNode",
  gipl: "giplReadImageNode",
  tiff: "tiffReadImageNode",
} as const satisfies Record<string, ItkReader>;

const names = { nrrd: "NRRD", meta: "MetaImage", gipl: "GIPL", tiff: "TIFF" };

/** The formats that store directions of their axes, and those that at least store a voxel size along all three. */
const directed = ["nrrd", "meta"];
const sized = ["nrrd", "meta", "gipl"];

/** The NRRD, MetaImage, GIPL or TIFF image at `path`, by ITK compiled to WebAssembly. Rejects with a FileError. */
export async function readItkImage(
  path: string,
  format: keyof typeof readers,
  choice: VolumeChoice = {},
): Promise<ImageFile> {
  const image = await readWithItk(resolve(path), readers[format]).catch((error: unknown) => {
    throw new FileError(path, `an undamaged ${names[format]} image`, reasonOf(error), { cause: error });
  });
  if (format === "gipl") await checkGiplVoxels(path, image.data.byteLength);
  if (format === "meta") await checkMetaVoxels(path);
  const { size, spacing, direction, origin, components } = image;
  const volume = chooseVolume(path, size, choice);
  if (components !== 1) throw new FileError(path, "one number a voxel", `${components} (colours or vectors)`);
  const [x, y, z] = size as [number, number, number];
  const shape: Zyx = [z, y, x];
  const all = numbersOf(path, image);
  const count = x * y * z * (size[3] ?? 1);
  if (all.length !== count) throw new FileError(path, `${count} voxels`, `${all.length}`);
  const data = size.length === 3 ? all : all.slice(volume * x * y * z, (volume + 1) * x * y * z);
  const notes = [
    ...(directed.includes(format) ? [] : ["no orientation is stored; x is taken to run left, y to the back, z up"]),
    ...(sized.includes(format) ? [] : [`no voxel size along z is stored; taken as ${spacing[2]} mm`]),
    ...(image.warnings ? [`ITK says: ${image.warnings}`] : []),
  ];
  const stored = { format, type: image.componentType, hasDirections: directed.includes(format) };
  return imageOf(
    path,
    data,
    shape,
    affineOfLps(spacing.slice(0, 3), inSpace(direction, size.length), origin.slice(0, 3)),
    stored,
    notes,
  );
}

/** The 3 x 3 directions in the n x n of an image with n axes. */
function inSpace(direction: readonly number[], axes: number): number[] {
  return [0, 1, 2].flatMap((row) => direction.slice(row * axes, row * axes + 3));
}

/** The numbers in memory of our own (ITK's lie in shared memory); 64-bit integers as exact doubles. */
function numbersOf(path: string, { data, componentType }: ItkImage): VoxelArray {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) return exactNumbers(path, data);
  if (data instanceof DataView) throw new FileError(path, "numbers", componentType);
  return (data as VoxelArray).slice();
}
