import { openByteStream } from "./byteStream.ts";
import { detachedFile, numberedNames } from "./detachedFile.ts";
import { FileError } from "./fileError.ts";
import { type MetaHeader, metaFlag, metaNumbers } from "./metaHeader.ts";
import { statRegularFile } from "./regularFile.ts";
import { textNumbers } from "./textNumbers.ts";

/** What the voxels of a MetaImage need to be read: axis lengths, fastest first, values a voxel, and numpy's kind and bytes of one, "i2". */
export interface MetaShape {
  readonly sizes: readonly number[];
  readonly channels: number;
  readonly type: string;
}

/**
 * The bytes of all values of a MetaImage, in file order, from the file itself or from the data files that its header
 * names, and how many bytes were left over in them. Too few of them and damaged ones are a FileError; zlib's checksum
 * is verified.
 */
export async function metaBytes(
  path: string,
  header: MetaHeader,
  shape: MetaShape,
): Promise<{ bytes: Buffer; extra: number }> {
  const total = shape.sizes.reduce((product, length) => product * length, shape.channels * Number(shape.type.slice(1)));
  const files = dataFiles(path, header, shape.sizes);
  const found: Buffer[] = [];
  let extra = 0;
  for (const file of files) {
    const read = await readPart(path, file, header, total / files.length, shape.type);
    found.push(read.bytes);
    extra += read.extra;
  }
  return { bytes: found.length === 1 ? found[0]! : Buffer.concat(found), extra };
}

/** The files that hold the values: the header's own, or those that it names. */
function dataFiles(path: string, header: MetaHeader, sizes: readonly number[]): string[] {
  const named = metaDataFiles(path, header);
  if (named === undefined) return [path];
  const { names, axes = sizes.length - 1, isOne } = named;
  const expected = sizes.slice(axes).reduce((product, length) => product * length, 1);
  if (!isOne && names.length !== expected) {
    throw new FileError(path, `${expected} data files of ${axes} axes each`, `${names.length}`);
  }
  return names.map((name) => detachedFile(path, Buffer.from(name, "latin1")));
}

/**
 * The names in `ElementDataFile` as latin1, LIST with names, a numbered pattern or one name, and how many axes one file
 * covers where that is said; undefined for LOCAL.
 */
export function metaDataFiles(
  path: string,
  header: MetaHeader,
): { names: readonly string[]; axes?: number; isOne: boolean } | undefined {
  const field = header.fields.get("elementdatafile")!;
  if (/^LOCAL$/i.test(field)) return undefined;
  const list = /^LIST(?:\s+(\d+)D?)?$/i.exec(field);
  if (list) return { names: header.listed, ...(list[1] !== undefined && { axes: Number(list[1]) }), isOne: false };
  const pattern = /^(.*%\S*)\s+(-?\d+)\s+(-?\d+)(?:\s+(-?\d+))?$/.exec(field);
  if (!pattern) return { names: [field], isOne: true };
  const [, name, first, last, step] = pattern;
  return { names: numberedNames(path, name!, Number(first), Number(last), Number(step ?? 1)), isOne: false };
}

async function readPart(
  path: string,
  file: string,
  header: MetaHeader,
  size: number,
  type: string,
): Promise<{ bytes: Buffer; extra: number }> {
  const isPacked = metaFlag(path, header, ["CompressedData"], false);
  const isBinary = metaFlag(path, header, ["BinaryData"], true);
  const [start, end] = await stretchOf(path, file, header, size, isPacked || !isBinary);
  const stream = await openByteStream(file, { packing: isPacked ? "zlib" : "none", start, end });
  try {
    if (!isBinary) return { bytes: textNumbers(file, await stream.takeAll(), type, size), extra: 0 };
    const bytes = await stream.take(size);
    if (bytes.length < size) throw new FileError(file, `${size} bytes of voxels`, `${bytes.length}`);
    return { bytes, extra: await stream.finish() };
  } finally {
    await stream.close();
  }
}

/** The bytes of `file` where the stored voxels lie, by HeaderSize (-1: at the end of the file) and CompressedDataSize. */
async function stretchOf(
  path: string,
  file: string,
  header: MetaHeader,
  size: number,
  isUnsized: boolean,
): Promise<[start: number, end: number | undefined]> {
  const [skipped] = metaNumbers(path, header, ["HeaderSize"], 1) ?? [0];
  const [packedSize] = metaNumbers(path, header, ["CompressedDataSize"], 1) ?? [0];
  const { size: fileSize } = await statRegularFile(file);
  const before = file === path ? header.end : 0;
  if (!Number.isInteger(skipped) || skipped! < -1 || (skipped === -1 && isUnsized)) {
    throw new FileError(path, "HeaderSize from 0 on, or -1 with raw voxels", `${skipped}`);
  }
  const start = skipped === -1 ? fileSize - size : before + skipped!;
  if (start < before || start > fileSize) {
    throw new FileError(file, `${size} bytes of voxels`, `${Math.max(0, fileSize - before)}`);
  }
  if (!isUnsized || packedSize === 0) return [start, undefined];
  if (!Number.isInteger(packedSize) || packedSize! < 0 || start + packedSize! > fileSize) {
    throw new FileError(file, `${packedSize} compressed bytes (CompressedDataSize)`, `${fileSize - start}`);
  }
  return [start, start + packedSize!];
}
