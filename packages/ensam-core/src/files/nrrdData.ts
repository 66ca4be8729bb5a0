import { type ByteStream, openByteStream } from "./byteStream.ts";
import { detachedFile, numberedNames } from "./detachedFile.ts";
import { FileError } from "./fileError.ts";
import { type NrrdHeader, wholeNumberOf } from "./nrrdHeader.ts";
import { hexBytes, textNumbers } from "./textNumbers.ts";

/** What the voxels of a NRRD need to be read: lengths of the axes, fastest first, and numpy's kind and bytes of a value, "i2". */
export interface NrrdShape {
  readonly sizes: readonly number[];
  readonly type: string;
}

/** A stretch of a file that holds voxels. */
interface DataPart {
  readonly path: string;
  readonly start: number;
  readonly size: number;
}

const encodings: Readonly<Record<string, "raw" | "gzip" | "ascii" | "hex" | undefined>> = {
  raw: "raw",
  gz: "gzip",
  gzip: "gzip",
  txt: "ascii",
  text: "ascii",
  ascii: "ascii",
  hex: "hex",
};

/**
 * The bytes of all values of a NRRD, in file order, from the file itself or from the data files that its header names,
 * and how many bytes were left over in them. Too few of them, damaged ones, and an encoding that is not read (bzip2,
 * zrl) are a FileError.
 */
export async function nrrdBytes(
  path: string,
  header: NrrdHeader,
  shape: NrrdShape,
): Promise<{ bytes: Buffer; extra: number }> {
  const stored = header.fields.get("encoding") ?? "none";
  const encoding = encodings[stored.toLowerCase()];
  if (encoding === undefined) throw new FileError(path, "encoding raw, gzip, ascii or hex", stored);
  const parts = partsOf(path, header, shape);
  const found: Buffer[] = [];
  let extra = 0;
  for (const part of parts) {
    const read = await readPart(path, part, header, encoding, shape.type);
    found.push(read.bytes);
    extra += read.extra;
  }
  return { bytes: found.length === 1 ? found[0]! : Buffer.concat(found), extra };
}

function partsOf(path: string, header: NrrdHeader, { sizes, type }: NrrdShape): DataPart[] {
  const total = sizes.reduce((product, length) => product * length, Number(type.slice(1)));
  const named = nrrdDataFiles(path, header);
  if (named === undefined) {
    if (header.end === undefined)
      throw new FileError(path, "a blank line before the voxels, or a data file", "neither");
    return [{ path, start: header.end, size: total }];
  }
  const { names, axes = sizes.length - (named.isOne ? 0 : 1) } = named;
  checkFileCount(path, names.length, axes, sizes);
  return names.map((name) => ({
    path: detachedFile(path, Buffer.from(name, "latin1")),
    start: 0,
    size: total / names.length,
  }));
}

/**
 * The names in `data file` as latin1, in its three forms, and how many axes one file covers where that is said;
 * undefined for an attached header.
 */
export function nrrdDataFiles(
  path: string,
  header: NrrdHeader,
): { names: readonly string[]; axes?: number; isOne: boolean } | undefined {
  const field = header.fields.get("data file");
  if (field === undefined) return undefined;
  const axesOf = (text: string | undefined) => (text === undefined ? {} : { axes: Number(text) });
  const list = /^LIST(?:\s+(\d+))?$/.exec(field);
  if (list) return { names: header.listed, ...axesOf(list[1]), isOne: false };
  const pattern = /^(.*%\S*)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(?:\s+(\d+))?$/.exec(field);
  if (!pattern) return { names: [field], isOne: true };
  const [, name, first, last, step, axes] = pattern;
  const names = numberedNames(path, name!, Number(first), Number(last), Number(step));
  return { names, ...axesOf(axes), isOne: false };
}

/** Files that cover `axes` axes each make up the others; ones that cover all axes share the slowest between them. */
function checkFileCount(path: string, count: number, axes: number, sizes: readonly number[]): void {
  const isWhole = axes === sizes.length;
  const expected = isWhole ? sizes.at(-1)! : sizes.slice(axes).reduce((product, length) => product * length, 1);
  const isRight = isWhole ? count >= 1 && expected % count === 0 : count === expected;
  if (axes < 1 || axes > sizes.length || !isRight) {
    const shared = isWhole
      ? `a number of data files that divides ${expected}`
      : `${expected} data files of ${axes} axes each`;
    throw new FileError(path, shared, `${count}`);
  }
}

async function readPart(
  path: string,
  part: DataPart,
  header: NrrdHeader,
  encoding: "raw" | "gzip" | "ascii" | "hex",
  type: string,
): Promise<{ bytes: Buffer; extra: number }> {
  const lines = wholeNumberOf(path, header, "line skip", 0);
  const skipped = wholeNumberOf(path, header, "byte skip", 0);
  if (lines < 0) throw new FileError(path, "line skip from 0 on", `${lines}`);
  if (skipped < -1 || (skipped === -1 && encoding !== "raw")) {
    throw new FileError(path, "byte skip from 0 on, or -1 with raw voxels", `${skipped} with ${encoding}`);
  }
  const start = await afterLines(part, lines);
  const stream = await openByteStream(part.path, { start, packing: encoding === "gzip" ? "gzip" : "none" });
  try {
    const isText = encoding === "ascii" || encoding === "hex";
    if (isText) return { bytes: await textPart(part, stream, skipped, encoding, type), extra: 0 };
    if (skipped === -1) await stream.skip(Math.max(0, (await stream.finish()) - part.size));
    else await stream.skip(skipped);
    const bytes = await stream.take(part.size);
    if (bytes.length < part.size) throw new FileError(part.path, `${part.size} bytes of voxels`, `${bytes.length}`);
    return { bytes, extra: await stream.finish() };
  } finally {
    await stream.close();
  }
}

/** The byte after the first `lines` lines from the part's start on; they are skipped before anything is inflated. */
async function afterLines(part: DataPart, lines: number): Promise<number> {
  if (lines === 0) return part.start;
  const stream = await openByteStream(part.path, { start: part.start, packing: "none" });
  let offset = part.start;
  try {
    for (let left = lines; left > 0; ) {
      const chunk = await stream.take(1 << 16);
      if (chunk.length === 0) throw new FileError(part.path, `${lines} lines to skip`, `${lines - left}`);
      let end = -1;
      while (left > 0 && chunk.indexOf(10, end + 1) >= 0) {
        end = chunk.indexOf(10, end + 1);
        left--;
      }
      offset += left === 0 ? end + 1 : chunk.length;
    }
  } finally {
    await stream.close();
  }
  return offset;
}

async function textPart(
  part: DataPart,
  stream: ByteStream,
  skipped: number,
  encoding: "ascii" | "hex",
  type: string,
): Promise<Buffer> {
  await stream.skip(skipped);
  const text = await stream.takeAll();
  return encoding === "hex" ? hexBytes(part.path, text, part.size) : textNumbers(part.path, text, type, part.size);
}
