import type { Zyx } from "../voxels/index.ts";
import { chooseChannel, type ImagePart } from "./chooseChannel.ts";
import { chooseVolume } from "./chooseVolume.ts";
import { decodeArray } from "./decodeArray.ts";
import { FileError } from "./fileError.ts";
import { firstBytes } from "./firstBytes.ts";
import { type ImageFile, imageOf } from "./imageFile.ts";
import { interleavedPart } from "./interleavedPart.ts";
import { leftOverNote } from "./leftOverNote.ts";
import { nrrdBytes } from "./nrrdData.ts";
import { axisDirections, nrrdPlacement } from "./nrrdGeometry.ts";
import { type NrrdHeader, nrrdHeader, wholeNumberOf, wordsOf } from "./nrrdHeader.ts";
import { typeName } from "./typeName.ts";

/** The longest header that is read, with its list of data files. */
const longestHeader = 1 << 22;

/** NRRD's many names of its types, as numpy kinds. */
const types: Readonly<Record<string, string | undefined>> = Object.fromEntries(
  Object.entries({
    i1: ["signed char", "int8", "int8_t"],
    u1: ["uchar", "unsigned char", "uint8", "uint8_t"],
    i2: ["short", "short int", "signed short", "signed short int", "int16", "int16_t"],
    u2: ["ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"],
    i4: ["int", "signed int", "int32", "int32_t"],
    u4: ["uint", "unsigned int", "uint32", "uint32_t"],
    i8: ["longlong", "long long", "long long int", "signed long long", "signed long long int", "int64", "int64_t"],
    u8: ["ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"],
    f4: ["float"],
    f8: ["double"],
  }).flatMap(([type, names]) => names.map((name) => [name, type])),
);

/**
 * The image in a NRRD file, attached or detached, raw, gzip, ascii or hex. Of an axis that is not spatial (colours,
 * vectors, time, the layers of a segmentation) `part` picks one value, counted from 0; without it, more than one is a
 * FileError.
 */
export async function readNrrd(path: string, part: ImagePart = {}): Promise<ImageFile> {
  const header = nrrdHeader(path, firstBytes(path, longestHeader));
  const sizes = sizesOf(path, header);
  const type = typeOf(path, header);
  const axes = axesOf(path, header, sizes);
  const index = chosenPart(path, header, sizes, axes.other, part);
  const [x, y, z] = axes.spatial.map((axis) => sizes[axis]!) as [number, number, number];
  const values = sizes.reduce((product, size) => product * size, 1);
  part.onSize?.(x * y * z, values * Number(type.slice(1)));
  const { bytes, extra } = await nrrdBytes(path, header, { sizes, type });
  const all = decodeArray(
    path,
    byteOrder(path, header, type) + type,
    [bytes.length / Number(type.slice(1))],
    false,
    bytes,
  );
  if (!("data" in all)) throw new FileError(path, "numbers", "text");
  const data =
    axes.other === undefined
      ? all.data
      : interleavedPart(all.data, innerOf(sizes, axes.other), sizes[axes.other]!, index);
  const { affine, hasDirections, notes } = nrrdPlacement(path, header, axes.spatial, sizes);
  const stored = { format: "nrrd", type: typeName(type), hasDirections } as const;
  return imageOf(path, data, [z, y, x] satisfies Zyx, affine, stored, [...notes, ...leftOverNote(extra)]);
}

function sizesOf(path: string, header: NrrdHeader): number[] {
  const dimension = wholeNumberOf(path, header, "dimension");
  const words = wordsOf(header, "sizes");
  const sizes = words.map(Number);
  if (dimension < 1 || sizes.length !== dimension || !sizes.every((size) => Number.isSafeInteger(size) && size >= 1)) {
    throw new FileError(path, `${dimension} sizes from 1 on`, words.join(" ") || "none");
  }
  for (const field of ["space directions", "kinds", "spacings"]) {
    const count = wordsOf(header, field).length;
    if (count > 0 && count !== dimension) throw new FileError(path, `${field} of ${dimension} axes`, `${count}`);
  }
  return sizes;
}

function typeOf(path: string, header: NrrdHeader): string {
  const stored = header.fields.get("type") ?? "none";
  const type = types[stored.toLowerCase().replace(/\s+/g, " ")];
  if (type === undefined) throw new FileError(path, "a type of one number a value", stored);
  return type;
}

function byteOrder(path: string, header: NrrdHeader, type: string): "<" | ">" {
  const stored = header.fields.get("endian")?.toLowerCase();
  const isText = /^(ascii|text|txt)$/i.test(header.fields.get("encoding") ?? "");
  if (isText || type.endsWith("1") || stored === "little") return "<";
  if (stored === "big") return ">";
  throw new FileError(path, "endian little or big", stored ?? "none");
}

/** Which axes are spatial, and the one other axis of more than one value, if there is one. */
function axesOf(
  path: string,
  header: NrrdHeader,
  sizes: readonly number[],
): { spatial: number[]; other: number | undefined } {
  const directions = axisDirections(path, header);
  const kinds = wordsOf(header, "kinds").map((kind) => kind.toLowerCase());
  const isSpatial = (axis: number): boolean =>
    directions ? directions[axis] !== undefined : /^(domain|space|none|\?\?\?)$/.test(kinds[axis] ?? "none");
  const spatial = sizes.map((_, axis) => axis).filter(isSpatial);
  while (spatial.length > 3 && (spatial.length === 4 || sizes[spatial.at(-1)!] === 1)) spatial.pop();
  const others = sizes.map((_, axis) => axis).filter((axis) => !spatial.includes(axis) && sizes[axis] !== 1);
  if (spatial.length !== 3 || others.length > 1) {
    throw new FileError(path, "one volume with three axes", `axes of ${sizes.join(" x ")} voxels`);
  }
  return { spatial, other: others[0] };
}

function chosenPart(
  path: string,
  header: NrrdHeader,
  sizes: readonly number[],
  axis: number | undefined,
  part: ImagePart,
): number {
  const count = axis === undefined ? 1 : sizes[axis]!;
  const kind = axis === undefined ? "" : (wordsOf(header, "kinds")[axis] ?? "");
  if (axis === sizes.length - 1 && !/color|vector|list/i.test(kind)) return chooseVolume(path, sizes, part);
  chooseVolume(path, [1, 1, 1], part);
  const isSegmentation = header.pairs.has("Segment0_Layer") || header.pairs.has("Segment0_ID");
  if (!isSegmentation) return chooseChannel(path, count, part, `${count} (colours or vectors)`);
  const got = `a segmentation whose segments overlap, in ${count} layers (${segmentNames(header)})`;
  return chooseChannel(path, count, part, got, "layers");
}

/** The names of 3D Slicer's segments with the layer that each lies in, "liver: layer 0, value 1". */
function segmentNames({ pairs }: NrrdHeader): string {
  const names: string[] = [];
  for (
    let index = 0;
    names.length < 8 && (pairs.has(`Segment${index}_ID`) || pairs.has(`Segment${index}_Layer`));
    index++
  ) {
    const of = (key: string): string => pairs.get(`Segment${index}_${key}`) ?? "?";
    const name = Buffer.from(of("Name"), "latin1").toString("utf8");
    names.push(`${name}: layer ${of("Layer")}, value ${of("LabelValue")}`);
  }
  return names.join("; ");
}

/** How far apart neighbours along `axis` lie. */
function innerOf(sizes: readonly number[], axis: number): number {
  return sizes.slice(0, axis).reduce((product, length) => product * length, 1);
}
