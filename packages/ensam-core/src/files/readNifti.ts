import { existsSync } from "node:fs";
import type { VoxelArray } from "../voxels/index.ts";
import { openByteStream } from "./byteStream.ts";
import { chooseVolume, type VolumeChoice } from "./chooseVolume.ts";
import { decodeArray } from "./decodeArray.ts";
import { FileError } from "./fileError.ts";
import { type ImageFile, imageOf } from "./imageFile.ts";
import { niftiAffine } from "./niftiAffine.ts";
import { longestHeader, type NiftiHeader, niftiHeader } from "./niftiHeader.ts";
import { typeName } from "./typeName.ts";

/**
 * The image in a NIfTI-1 or NIfTI-2 file, or in a .hdr/.img pair. Values are stored × slope + intercept, computed in
 * float64 and held as float32, or the stored numbers where the header does not scale. Trailing axes of one voxel are
 * dropped; of four others, `choice` takes one volume.
 */
export async function readNifti(path: string, choice: VolumeChoice = {}): Promise<ImageFile> {
  const headerPath = pairedPath(path, /\.img(\.gz)?$/i, ".hdr") ?? path;
  const first = await openByteStream(headerPath);
  try {
    const header = await niftiHeader(headerPath, await first.peek(longestHeader));
    const { isPair, type, shape, slope, intercept } = header;
    const bytes = isPair
      ? await pairedVoxels(path, headerPath, header, choice)
      : await voxels(path, first, header, choice);
    const array = decodeArray(path, (header.littleEndian ? "<" : ">") + type, shape, false, bytes);
    if (!("data" in array)) throw new FileError(path, "numbers", "text");
    const { affine, hasDirections, notes } = niftiAffine(header.placement);
    const stored = { format: `nifti-${header.version}`, type: typeName(type), hasDirections } as const;
    const data = scaled(path, array.data, slope, intercept);
    const image = imageOf(path, data, shape, affine, stored, [...header.notes, ...notes]);
    const isQuantized = data !== array.data && !type.startsWith("f");
    return { ...image, nifti: header.placement, ...(isQuantized && { quantum: Math.abs(slope) }) };
  } finally {
    await first.close();
  }
}

async function pairedVoxels(
  path: string,
  headerPath: string,
  header: NiftiHeader,
  choice: VolumeChoice,
): Promise<Buffer> {
  const voxelFile = voxelPath(path, headerPath);
  const stream = await openByteStream(voxelFile);
  try {
    return await voxels(voxelFile, stream, header, choice);
  } finally {
    await stream.close();
  }
}

/** The bytes of one volume; a gzip stream is then read to its end for its checksum. */
async function voxels(
  path: string,
  stream: Awaited<ReturnType<typeof openByteStream>>,
  { start, shape, lengths, type }: NiftiHeader,
  choice: VolumeChoice,
): Promise<Buffer> {
  const volume = chooseVolume(path, lengths, choice);
  const size = shape[0] * shape[1] * shape[2] * Number(type.slice(1));
  choice.onSize?.(shape[0] * shape[1] * shape[2], size);
  await stream.skip(start + volume * size);
  const bytes = await stream.take(size);
  if (bytes.length < size) {
    throw new FileError(path, `${size} bytes of voxels from byte ${start + volume * size}`, `${bytes.length}`);
  }
  await stream.skip(((lengths[3] ?? 1) - 1 - volume) * size);
  await stream.finish();
  return bytes;
}

function scaled(path: string, data: VoxelArray, slope: number, intercept: number): VoxelArray {
  if (slope === 0 || !Number.isFinite(slope) || (slope === 1 && intercept === 0)) return data;
  if (!Number.isFinite(intercept)) throw new FileError(path, "a finite scl_inter", `${intercept}`);
  const values = new Float32Array(data.length);
  for (let index = 0; index < values.length; index++) values[index] = data[index]! * slope + intercept;
  return values;
}

function voxelPath(path: string, headerPath: string): string {
  const found = path === headerPath ? pairedPath(path, /\.hdr(\.gz)?$/i, ".img") : path;
  if (found === undefined) throw new FileError(path, "an .img file with the voxels beside it", "none");
  return found;
}

function pairedPath(path: string, ending: RegExp, other: string): string | undefined {
  if (!ending.test(path)) return undefined;
  const stem = path.replace(ending, other);
  return [stem, `${stem}.gz`].find((candidate) => existsSync(candidate));
}
