import { type Affine, affineOfLps } from "../geometry/index.ts";
import type { Zyx } from "../voxels/index.ts";
import { chooseChannel, type ImagePart } from "./chooseChannel.ts";
import { chooseVolume } from "./chooseVolume.ts";
import { decodeArray } from "./decodeArray.ts";
import { FileError } from "./fileError.ts";
import { firstBytes } from "./firstBytes.ts";
import { type ImageFile, imageOf } from "./imageFile.ts";
import { interleavedPart } from "./interleavedPart.ts";
import { leftOverNote } from "./leftOverNote.ts";
import { mmOf } from "./lengthUnits.ts";
import { metaBytes } from "./metaData.ts";
import { type MetaHeader, metaFlag, metaHeader, metaNumbers } from "./metaHeader.ts";
import type { Note } from "./note.ts";
import { typeName } from "./typeName.ts";

/** The longest header that is read, with its list of data files. */
const longestHeader = 1 << 22;

/** MetaIO's element types as numpy kinds; its "long" has 4 bytes. */
const types: Readonly<Record<string, string | undefined>> = {
  MET_CHAR: "i1",
  MET_ASCII_CHAR: "i1",
  MET_UCHAR: "u1",
  MET_SHORT: "i2",
  MET_USHORT: "u2",
  MET_INT: "i4",
  MET_UINT: "u4",
  MET_LONG: "i4",
  MET_ULONG: "u4",
  MET_LONG_LONG: "i8",
  MET_ULONG_LONG: "u8",
  MET_FLOAT: "f4",
  MET_DOUBLE: "f8",
};

/**
 * The image in a MetaImage file (.mha, or .mhd with its data files), raw, zlib or text. Of several channels or volumes
 * `part` picks one, counted from 0; without it they are a FileError.
 */
export async function readMetaImage(path: string, part: ImagePart = {}): Promise<ImageFile> {
  const header = metaHeader(path, firstBytes(path, longestHeader));
  const sizes = sizesOf(path, header);
  const [channels] = metaNumbers(path, header, ["ElementNumberOfChannels"], 1) ?? [1];
  const stored = header.fields.get("elementtype") ?? "none";
  const type = types[stored.toUpperCase()];
  if (type === undefined) throw new FileError(path, "an ElementType of one number a value", stored);
  if (!Number.isInteger(channels) || channels! < 1)
    throw new FileError(path, "ElementNumberOfChannels from 1 on", `${channels}`);
  const volumes = sizes[3] ?? 1;
  const channel = chooseChannel(path, channels!, part, `${channels} (colours or vectors)`);
  const volume = chooseVolume(path, sizes, part);
  const voxels = sizes[0]! * sizes[1]! * sizes[2]!;
  part.onSize?.(voxels, voxels * volumes * channels! * Number(type.slice(1)));
  const { bytes, extra } = await metaBytes(path, header, { sizes, channels: channels!, type });
  const volumeBytes = bytes.length / volumes;
  const ofVolume = bytes.subarray(volume * volumeBytes, (volume + 1) * volumeBytes);
  const isBigEndian = metaFlag(path, header, ["BinaryDataByteOrderMSB", "ElementByteOrderMSB"], false);
  const isText = !metaFlag(path, header, ["BinaryData"], true);
  const order = isBigEndian && !isText ? ">" : "<";
  const all = decodeArray(path, order + type, [volumeBytes / Number(type.slice(1))], false, ofVolume);
  if (!("data" in all)) throw new FileError(path, "numbers", "text");
  const { affine, hasDirections, notes } = placement(path, header, sizes.length);
  const shape: Zyx = [sizes[2]!, sizes[1]!, sizes[0]!];
  const data = interleavedPart(all.data, 1, channels!, channel);
  const found = { format: "meta", type: typeName(type), hasDirections } as const;
  return imageOf(path, data, shape, affine, found, [...notes, ...leftOverNote(extra)]);
}

/** Three axis lengths, fastest first, and a fourth if there are several volumes. */
function sizesOf(path: string, header: MetaHeader): number[] {
  const [dimension] = metaNumbers(path, header, ["NDims"], 1) ?? [0];
  const sizes = metaNumbers(path, header, ["DimSize"], dimension!) ?? [];
  while (sizes.length > 3 && sizes.at(-1) === 1) sizes.pop();
  if (!(sizes.length === 3 || sizes.length === 4) || !sizes.every((size) => Number.isInteger(size) && size >= 1)) {
    throw new FileError(
      path,
      "one volume with three axes",
      sizes.length ? `axes of ${sizes.join(" x ")} voxels` : "no DimSize",
    );
  }
  return sizes;
}

/** TransformMatrix lists the directions of the axes one after the other, in LPS. */
function placement(
  path: string,
  header: MetaHeader,
  dimension: number,
): { affine: Affine; hasDirections: boolean; notes: Note[] } {
  const [count] = metaNumbers(path, header, ["NDims"], 1) ?? [dimension];
  const notes: Note[] = [];
  const matrix = metaNumbers(path, header, ["TransformMatrix", "Rotation", "Orientation"], count! * count!);
  const offset = metaNumbers(path, header, ["Offset", "Origin", "Position"], count!) ?? [0, 0, 0];
  const spacing = metaNumbers(path, header, ["ElementSpacing", "ElementSize"], count!);
  if (spacing === undefined) notes.push({ doubt: "no voxel size is stored; taken as 1 mm" });
  if (matrix === undefined) notes.push("no orientation is stored; x is taken to run left, y to the back, z up");
  const scale = unitScale(header, notes);
  const direction = [0, 1, 2].flatMap((row) =>
    [0, 1, 2].map((axis) => matrix?.[axis * count! + row] ?? Number(row === axis)),
  );
  const lengths = (spacing ?? [1, 1, 1]).slice(0, 3).map((mm) => mm * scale);
  const origin = offset.slice(0, 3).map((mm) => mm * scale);
  return { affine: affineOfLps(lengths, direction, origin), hasDirections: matrix !== undefined, notes };
}

function unitScale({ fields }: MetaHeader, notes: Note[]): number {
  const unit = fields.get("distanceunits") ?? "";
  const scale = mmOf(Buffer.from(unit, "latin1").toString("utf8")) ?? mmOf(unit);
  if (scale === undefined && !/^\??$/.test(unit))
    notes.push({ doubt: `the unit ${JSON.stringify(unit)} is not known; taken as mm` });
  if (scale !== undefined && scale !== 1) notes.push(`lengths are stored in ${unit} and turned into mm`);
  return scale ?? 1;
}
