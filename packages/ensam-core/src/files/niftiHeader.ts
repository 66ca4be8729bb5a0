import type { NIFTI1, NIFTI2 } from "nifti-reader-js";
import type { Zyx } from "../voxels/index.ts";
import { FileError, reasonOf } from "./fileError.ts";
import type { NiftiPlacement } from "./niftiAffine.ts";

/** A NIfTI header as it is stored, with what the voxels need. */
export interface NiftiHeader {
  readonly version: 1 | 2;
  readonly littleEndian: boolean;
  /** Whether the voxels lie in a file of their own. */
  readonly isPair: boolean;
  readonly shape: Zyx;
  /** Lengths of the axes x, y, z and of those after them, trailing ones of one voxel left out. */
  readonly lengths: readonly number[];
  /** numpy's kind and bytes a voxel, "i2". */
  readonly type: string;
  /** The byte where the voxels begin. */
  readonly start: number;
  readonly slope: number;
  readonly intercept: number;
  readonly placement: NiftiPlacement;
  readonly notes: readonly string[];
}

/** The bytes to have at hand for `niftiHeader`. */
export const longestHeader = 544;
const headerSizes = { 1: 348, 2: 540 } as const;
/** NIfTI's datatype codes that hold one real number a voxel, as numpy kinds. */
const types: Readonly<Record<number, string | undefined>> = {
  2: "u1",
  4: "i2",
  8: "i4",
  16: "f4",
  64: "f8",
  256: "i1",
  512: "u2",
  768: "u4",
  1024: "i8",
  1280: "u8",
};
const otherTypes: Readonly<Record<number, string | undefined>> = {
  1: "single bits",
  32: "complex numbers",
  128: "RGB colours",
  1536: "128-bit floats",
  1792: "complex numbers",
  2048: "complex numbers",
  2304: "RGBA colours",
};

/** Whether these first bytes, not gzipped, are those of a NIfTI header, of a single file or of a pair. */
export function isNifti(bytes: Buffer): boolean {
  return niftiVersion(bytes) !== undefined;
}

/** The header in the first bytes of a file, checked; nothing else of the file is needed. Rejects with a FileError about `path`. */
export async function niftiHeader(path: string, bytes: Buffer): Promise<NiftiHeader> {
  const version = niftiVersion(bytes);
  if (version === undefined) throw new FileError(path, "a NIfTI header", "something else");
  const header = await parse(path, bytes, version);
  const isPair = header.magic.startsWith("ni");
  return {
    version,
    littleEndian: header.littleEndian,
    isPair,
    ...axesOf(path, header),
    type: typeOf(path, header),
    start: startOf(path, header.vox_offset, isPair ? 0 : headerSizes[version]),
    slope: header.scl_slope,
    intercept: header.scl_inter,
    placement: placementOf(header, sformRows(bytes, header.littleEndian, version)),
  };
}

function niftiVersion(bytes: Buffer): 1 | 2 | undefined {
  if (bytes.length < headerSizes[1]) return undefined;
  const sizes = [bytes.readInt32LE(0), bytes.readInt32BE(0)];
  if (sizes.includes(headerSizes[1]) && /^n[+i]1/.test(bytes.toString("latin1", 344, 347))) return 1;
  const isSecond = sizes.includes(headerSizes[2]) && bytes.length >= headerSizes[2];
  return isSecond && /^n[+i]2/.test(bytes.toString("latin1", 4, 7)) ? 2 : undefined;
}

/** The header alone goes to the library: it would also walk the extensions, which nobody here needs. */
async function parse(path: string, bytes: Buffer, version: 1 | 2): Promise<NIFTI1 | NIFTI2> {
  const library = await import("nifti-reader-js");
  const alone = new Uint8Array(headerSizes[version] + 4);
  alone.set(bytes.subarray(0, headerSizes[version]));
  try {
    return library.readHeader(alone.buffer, true);
  } catch (error) {
    throw new FileError(path, "a NIfTI header", reasonOf(error), { cause: error });
  }
}

/** From the third axis on, a length of 0 is one that the writer left out: it means 1, as in ITK. */
function axesOf(path: string, { dims }: NIFTI1 | NIFTI2): Pick<NiftiHeader, "shape" | "lengths" | "notes"> {
  const count = dims[0]!;
  const stored = count >= 1 && count <= 7 ? dims.slice(1, count + 1) : [];
  const lengths = stored.map((length, axis) => (axis >= 2 && length === 0 ? 1 : length));
  while (lengths.length > 3 && lengths.at(-1) === 1) lengths.pop();
  if (lengths.length < 3 || lengths.some((length) => !Number.isSafeInteger(length) || length < 1)) {
    throw new FileError(
      path,
      "one volume with three axes",
      lengths.length ? `axes of ${stored.join(" x ")} voxels` : `${count} axes`,
    );
  }
  const notes = stored.includes(0) ? [`axes of ${stored.join(" x ")} voxels are stored; 0 is taken as 1`] : [];
  return { shape: [lengths[2]!, lengths[1]!, lengths[0]!], lengths, notes };
}

function typeOf(path: string, { datatypeCode }: NIFTI1 | NIFTI2): string {
  const type = types[datatypeCode];
  if (type !== undefined) return type;
  throw new FileError(path, "one real number a voxel", otherTypes[datatypeCode] ?? `NIfTI datatype ${datatypeCode}`);
}

/** `vox_offset` 0 means right after the header and the four bytes that announce extensions, in a pair the file's beginning. */
function startOf(path: string, offset: number, headerSize: number): number {
  if (offset === 0) return headerSize === 0 ? 0 : headerSize + 4;
  if (Number.isSafeInteger(offset) && offset >= headerSize) return offset;
  throw new FileError(path, `voxels from byte ${headerSize} on (vox_offset)`, `${offset}`);
}

function placementOf(header: NIFTI1 | NIFTI2, rows: readonly number[]): NiftiPlacement {
  const { dims, pixDims, qform_code, sform_code, quatern_b, quatern_c, quatern_d, xyzt_units } = header;
  const { qoffset_x, qoffset_y, qoffset_z } = header;
  const quaternion = { quatern_b, quatern_c, quatern_d, qoffset_x, qoffset_y, qoffset_z };
  return { dims, pixDims, qform_code, sform_code, ...quaternion, xyzt_units, rows };
}

/** The library drops the sform where it prefers the qform, so its rows are read here: float32 from byte 280, or float64 from byte 400. */
function sformRows(bytes: Buffer, littleEndian: boolean, version: 1 | 2): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: 12 }, (_, index) => {
    return version === 1
      ? view.getFloat32(280 + 4 * index, littleEndian)
      : view.getFloat64(400 + 8 * index, littleEndian);
  });
}
