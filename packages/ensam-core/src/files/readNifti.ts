import { existsSync } from "node:fs";
import type { NIFTI1, NIFTI2 } from "nifti-reader-js";
import type { VoxelArray, Zyx } from "../voxels/index.ts";
import { chooseVolume, type VolumeChoice } from "./chooseVolume.ts";
import { decodeArray } from "./decodeArray.ts";
import { FileError, reasonOf } from "./fileError.ts";
import { readMaybeGzipped } from "./gunzip.ts";
import { type ImageFile, imageOf } from "./imageFile.ts";
import { niftiAffine } from "./niftiAffine.ts";

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

/**
 * The image in a NIfTI-1 or NIfTI-2 file, or in a .hdr/.img pair. Values are stored × slope + intercept, computed in float64 and held as float32,
 * or the stored numbers where the header does not scale. Trailing axes of one voxel are dropped; of four others, `choice` takes one volume.
 */
export async function readNifti(path: string, choice: VolumeChoice = {}): Promise<ImageFile> {
  const headerPath = pairedPath(path, /\.img(\.gz)?$/i, ".hdr") ?? path;
  const bytes = await readMaybeGzipped(headerPath);
  const version = niftiVersion(bytes);
  if (version === undefined) throw new FileError(headerPath, "a NIfTI header", "something else");
  const header = await readHeader(headerPath, bytes, version);
  const lengths = lengthsOf(path, header);
  const volume = chooseVolume(path, lengths, choice);
  const shape: Zyx = [lengths[2]!, lengths[1]!, lengths[0]!];
  const type = types[header.datatypeCode];
  if (!type) {
    throw new FileError(
      path,
      "one real number a voxel",
      otherTypes[header.datatypeCode] ?? `NIfTI datatype ${header.datatypeCode}`,
    );
  }
  const isPair = header.magic.startsWith("ni");
  const voxelBytes = isPair ? await readMaybeGzipped(voxelPath(path, headerPath)) : bytes;
  const size = shape[0] * shape[1] * shape[2] * Number(type.slice(1));
  const start = (header.vox_offset || (isPair ? 0 : headerSizes[version] + 4)) + volume * size;
  if (!(start >= 0) || voxelBytes.length - start < size) {
    throw new FileError(
      path,
      `${size} bytes of voxels from byte ${start}`,
      `${Math.max(0, voxelBytes.length - start)}`,
    );
  }
  const payload = voxelBytes.subarray(start, start + size);
  const array = decodeArray(path, (header.littleEndian ? "<" : ">") + type, shape, false, payload);
  if (!("data" in array)) throw new FileError(path, "numbers", "text");
  const { affine, hasDirections, notes } = niftiAffine(header, sformRows(bytes, header, version));
  const stored = { format: `nifti-${version}`, type: typeName(type), hasDirections } as const;
  return imageOf(path, scaled(path, array.data, header.scl_slope, header.scl_inter), shape, affine, stored, notes);
}

function niftiVersion(bytes: Buffer): 1 | 2 | undefined {
  if (bytes.length < headerSizes[1]) return undefined;
  const sizes = [bytes.readInt32LE(0), bytes.readInt32BE(0)];
  if (sizes.includes(headerSizes[1]) && /^n[+i]1/.test(bytes.toString("latin1", 344, 347))) return 1;
  const isSecond = sizes.includes(headerSizes[2]) && bytes.length >= headerSizes[2];
  return isSecond && /^n[+i]2/.test(bytes.toString("latin1", 4, 7)) ? 2 : undefined;
}

/** The header alone goes to the library: it would also walk the extensions, which nobody here needs. */
async function readHeader(path: string, bytes: Buffer, version: 1 | 2): Promise<NIFTI1 | NIFTI2> {
  const library = await import("nifti-reader-js");
  const alone = new Uint8Array(headerSizes[version] + 4);
  alone.set(bytes.subarray(0, headerSizes[version]));
  try {
    return library.readHeader(alone.buffer, true);
  } catch (error) {
    throw new FileError(path, "a NIfTI header", reasonOf(error), { cause: error });
  }
}

/** Lengths of the axes x, y, z and of those after them that have more than one voxel. */
function lengthsOf(path: string, { dims }: NIFTI1 | NIFTI2): number[] {
  const count = dims[0]!;
  const lengths = count >= 1 && count <= 7 ? dims.slice(1, count + 1) : [];
  while (lengths.length > 3 && lengths.at(-1) === 1) lengths.pop();
  if (lengths.length < 3 || lengths.some((length) => !Number.isSafeInteger(length) || length < 1)) {
    throw new FileError(
      path,
      "one volume with three axes",
      lengths.length ? `axes of ${lengths.join(" x ")} voxels` : `${count} axes`,
    );
  }
  return lengths;
}

/** The library drops the sform where it prefers the qform, so its rows are read here: float32 from byte 280, or float64 from byte 400. */
function sformRows(bytes: Buffer, { littleEndian }: NIFTI1 | NIFTI2, version: 1 | 2): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: 12 }, (_, index) => {
    return version === 1
      ? view.getFloat32(280 + 4 * index, littleEndian)
      : view.getFloat64(400 + 8 * index, littleEndian);
  });
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

function typeName(type: string): string {
  const kind = { u: "uint", i: "int", f: "float" }[type[0]!] ?? "";
  return kind + 8 * Number(type.slice(1));
}
