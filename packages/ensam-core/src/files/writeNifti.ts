import { promisify } from "node:util";
import { gzip } from "node:zlib";
import type { Grid, VoxelArray } from "../voxels/index.ts";
import { type Affine, spacingOfAffine } from "./affine.ts";
import { FileError } from "./fileError.ts";
import { writeFileAtomically } from "./writeFileAtomically.ts";

export interface WriteNiftiOptions {
  /** Free text for the header: ASCII, cut to 79 characters. */
  readonly description?: string;
}

/** zlib's level for .nii.gz, fsl's and nibabel's habit being 6 and 1. */
const gzipLevel = 4;
const headerSize = 352;
const largestDimension = 32767;
const alignedAnatomy = 2;
const millimetres = 2;
const compress = promisify<Uint8Array, { level: number }, Buffer>(gzip);

/**
 * Writes a single-file NIfTI-1 image of the grid's own type atomically, gzipped if the name ends in .gz, without a time in it. The affine is
 * stored as the sform, in float32, which is exact for one that was read from a NIfTI-1 sform; voxel sizes are its columns' lengths. Rejects with a FileError, also for an axis beyond NIfTI-1's 32767 voxels.
 */
export async function writeNifti(
  path: string,
  { data, shape }: Grid,
  affine: Affine,
  { description = "ENSAM" }: WriteNiftiOptions = {},
): Promise<void> {
  const { NIFTI1 } = await import("nifti-reader-js");
  if (Math.max(...shape) > largestDimension) {
    throw new FileError(path, `axes of at most ${largestDimension} voxels (NIfTI-1)`, shape.join(" x "));
  }
  const header = new NIFTI1();
  header.littleEndian = true;
  header.dims = [3, shape[2], shape[1], shape[0], 1, 1, 1, 1];
  header.pixDims = [1, ...[...spacingOfAffine(affine)].reverse(), 0, 0, 0, 0];
  header.datatypeCode = datatypeOf(data);
  header.numBitsPerVoxel = 8 * data.BYTES_PER_ELEMENT;
  header.vox_offset = headerSize;
  header.scl_slope = 1;
  header.scl_inter = 0;
  header.xyzt_units = millimetres;
  header.sform_code = alignedAnatomy;
  header.affine = [0, 4, 8, 12].map((row) => affine.slice(row, row + 4));
  header.magic = "n+1";
  header.description = description.replace(/[^ -~]/g, "?").slice(0, 79);
  const voxels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const start = Buffer.alloc(headerSize);
  start.set(new Uint8Array(header.toArrayBuffer()).subarray(0, headerSize - 4));
  const bytes = [start, voxels];
  await writeFileAtomically(
    path,
    path.endsWith(".gz") ? await compress(Buffer.concat(bytes), { level: gzipLevel }) : bytes,
  );
}

/** NIfTI's codes for the types of numbers we hold. */
function datatypeOf(data: VoxelArray): number {
  if (data instanceof Uint8Array) return 2;
  if (data instanceof Int16Array) return 4;
  if (data instanceof Int32Array) return 8;
  if (data instanceof Float32Array) return 16;
  if (data instanceof Float64Array) return 64;
  if (data instanceof Int8Array) return 256;
  return data instanceof Uint16Array ? 512 : 768;
}
