import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { type Affine, spacingOfAffine } from "../geometry/index.ts";
import type { Grid, VoxelArray } from "../voxels/index.ts";
import { FileError } from "./fileError.ts";
import type { NiftiPlacement } from "./niftiAffine.ts";
import { quaternionOf } from "./quaternion.ts";
import { writeFileAtomically } from "./writeFileAtomically.ts";

export interface WriteNiftiOptions {
  /** Free text for the header: ASCII, cut to 79 characters. */
  readonly description?: string;
  /** The header of the image that the voxels lie on, to be repeated field by field: other tools then put both in the same place. */
  readonly placement?: NiftiPlacement | undefined;
  /** Header extensions, each with its size and code, a multiple of 16 bytes in all. */
  readonly extension?: Uint8Array | undefined;
}

/** zlib's level for .nii.gz, fsl's and nibabel's habit being 6 and 1. */
const gzipLevel = 4;
const headerSize = 352;
const largestDimension = 32767;
const alignedAnatomy = 2;
const millimetres = 2;
const compress = promisify<Uint8Array, { level: number }, Buffer>(gzip);

/**
 * Writes a single-file NIfTI-1 image of the grid's own type atomically, gzipped if the name ends in .gz, without a time
 * in it. With `placement` qform, sform, both codes, pixdim and units are the image's own; without, the affine is stored
 * as the sform and, where its axes are at right angles, as the qform too, in float32. Rejects with a FileError, also
 * for an axis beyond NIfTI-1's 32767 voxels.
 */
export async function writeNifti(
  path: string,
  { data, shape }: Grid,
  affine: Affine,
  { description = "ENSAM", placement, extension = new Uint8Array() }: WriteNiftiOptions = {},
): Promise<void> {
  const { NIFTI1 } = await import("nifti-reader-js");
  if (Math.max(...shape) > largestDimension) {
    throw new FileError(path, `axes of at most ${largestDimension} voxels (NIfTI-1)`, shape.join(" x "));
  }
  const { rows, ...fields } = placement ?? placementOf(affine);
  const header = Object.assign(new NIFTI1(), fields);
  header.littleEndian = true;
  header.dims = [3, shape[2], shape[1], shape[0], 1, 1, 1, 1];
  header.datatypeCode = datatypeOf(data);
  header.numBitsPerVoxel = 8 * data.BYTES_PER_ELEMENT;
  header.vox_offset = headerSize + extension.length;
  header.scl_slope = 1;
  header.scl_inter = 0;
  header.affine = [rows.slice(0, 4), rows.slice(4, 8), rows.slice(8, 12), [0, 0, 0, 1]];
  header.magic = "n+1";
  header.description = description.replace(/[^ -~]/g, "?").slice(0, 79);
  const voxels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const start = Buffer.alloc(headerSize);
  start.set(new Uint8Array(header.toArrayBuffer()).subarray(0, headerSize - 4));
  if (extension.length > 0) start[headerSize - 4] = 1;
  const bytes = [start, extension, voxels];
  await writeFileAtomically(
    path,
    path.endsWith(".gz") ? await compress(Buffer.concat(bytes), { level: gzipLevel }) : bytes,
  );
}

/** The header fields for an affine in mm that no NIfTI file brought along. */
function placementOf(affine: Affine): NiftiPlacement {
  const [z, y, x] = spacingOfAffine(affine);
  const { quaternion, handedness, isExact } = quaternionOf(affine);
  const [quatern_b, quatern_c, quatern_d] = quaternion;
  return {
    dims: [],
    pixDims: [handedness, x, y, z, 0, 0, 0, 0],
    qform_code: isExact ? alignedAnatomy : 0,
    sform_code: alignedAnatomy,
    quatern_b,
    quatern_c,
    quatern_d,
    qoffset_x: affine[3]!,
    qoffset_y: affine[7]!,
    qoffset_z: affine[11]!,
    xyzt_units: millimetres,
    rows: affine.slice(0, 12),
  };
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
