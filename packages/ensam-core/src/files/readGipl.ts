import { affineOfLps } from "../geometry/index.ts";
import type { Zyx } from "../voxels/index.ts";
import { openByteStream } from "./byteStream.ts";
import { chooseVolume, type VolumeChoice } from "./chooseVolume.ts";
import { decodeArray } from "./decodeArray.ts";
import { FileError } from "./fileError.ts";
import { type ImageFile, imageOf } from "./imageFile.ts";
import { leftOverNote } from "./leftOverNote.ts";
import type { Note } from "./note.ts";
import { typeName } from "./typeName.ts";

const headerSize = 256;
const magics = [0xefffe9b0, 0x2ae389b8];

/** GIPL's codes of types as numpy kinds; its binary images have a byte a voxel, as ITK reads them. */
const types: Readonly<Record<number, string | undefined>> = {
  1: "u1",
  7: "i1",
  8: "u1",
  15: "i2",
  16: "u2",
  31: "u4",
  32: "i4",
  64: "f4",
  65: "f8",
};

/** Whether these first bytes, not gzipped, are a GIPL header. */
export function isGipl(bytes: Buffer): boolean {
  return bytes.length >= headerSize && magics.includes(bytes.readUInt32BE(252));
}

/**
 * The image in a GIPL file, gzipped or not: a big-endian header of 256 bytes (four lengths, type, four voxel sizes in
 * mm, origin in mm at byte 204) and big-endian voxels. Of several volumes `choice` takes one.
 */
export async function readGipl(path: string, choice: VolumeChoice = {}): Promise<ImageFile> {
  const stream = await openByteStream(path);
  try {
    const header = await stream.take(headerSize);
    if (!isGipl(header)) throw new FileError(path, "a GIPL header", "something else");
    const [x, y, z, volumes] = [0, 2, 4, 6].map((offset) => header.readUInt16BE(offset) || (offset >= 4 ? 1 : 0)) as [
      number,
      number,
      number,
      number,
    ];
    if (x * y === 0) throw new FileError(path, "one volume with three axes", `axes of ${x} x ${y} x ${z} voxels`);
    const type = types[header.readUInt16BE(8)];
    if (type === undefined) throw new FileError(path, "one real number a voxel", `GIPL type ${header.readUInt16BE(8)}`);
    const volume = chooseVolume(path, volumes > 1 ? [x, y, z, volumes] : [x, y, z], choice);
    const size = x * y * z * Number(type.slice(1));
    choice.onSize?.(x * y * z, size);
    await stream.skip(volume * size);
    const bytes = await stream.take(size);
    if (bytes.length < size) throw new FileError(path, `${size} bytes of voxels`, `${bytes.length}`);
    await stream.skip((volumes - 1 - volume) * size);
    const extra = await stream.finish();
    const shape: Zyx = [z, y, x];
    const array = decodeArray(path, `>${type}`, shape, false, bytes);
    if (!("data" in array)) throw new FileError(path, "numbers", "text");
    const { lengths, origin, notes } = placement(header);
    const affine = affineOfLps(lengths, [1, 0, 0, 0, 1, 0, 0, 0, 1], origin);
    const stored = { format: "gipl", type: typeName(type), hasDirections: false } as const;
    return imageOf(path, array.data, shape, affine, stored, [...notes, ...leftOverNote(extra)]);
  } finally {
    await stream.close();
  }
}

function placement(header: Buffer): { lengths: number[]; origin: number[]; notes: Note[] } {
  const stored = [10, 14, 18].map((offset) => header.readFloatBE(offset));
  const lengths = stored.map((mm) => (mm > 0 && Number.isFinite(mm) ? mm : 1));
  const origin = [204, 212, 220].map((offset) => header.readDoubleBE(offset));
  const isMissing = lengths.some((mm, axis) => mm !== stored[axis]);
  return {
    lengths,
    origin: origin.every(Number.isFinite) ? origin : [0, 0, 0],
    notes: [
      "no orientation is stored; x is taken to run left, y to the back, z up",
      ...(isMissing ? [{ doubt: "a voxel size is missing and taken as 1 mm" }] : []),
    ],
  };
}
