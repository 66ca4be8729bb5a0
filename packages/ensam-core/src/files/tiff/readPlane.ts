import { swapped } from "../decodeArray.ts";
import { FileError } from "../fileError.ts";
import { undoDifferences, undoFloatPredictor } from "./predictor.ts";
import type { TiffFile } from "./tiffFile.ts";
import type { TiffPage } from "./tiffPages.ts";
import { unpackBits } from "./unpackBits.ts";
import { checkCompression, unpackChunk } from "./unpackChunk.ts";

/** numpy's kind and bytes of a page's samples as they come out here, "u2": fewer than 8 bits fill a byte, 9 to 15 fill two. */
export function pageType(path: string, { bits, format }: TiffPage): string {
  const isWhole = bits === 8 || bits === 16 || bits === 32 || bits === 64;
  if (format === "f" ? isWhole && bits !== 8 : isWhole || (format === "u" && bits >= 1 && bits < 16)) {
    return format + Math.max(1, 2 ** Math.ceil(Math.log2(bits / 8)));
  }
  const name = { u: "unsigned integers", i: "integers", f: "floats" }[format];
  throw new FileError(
    path,
    "integers of 8, 16, 32 or 64 bits, floats of 16, 32 or 64, or up to 15 bits without sign",
    `${name} of ${bits} bits`,
  );
}

/** The values of one sample of a page, row by row, little-endian, of type `pageType`. */
export async function readPlane(file: TiffFile, page: TiffPage, sample: number): Promise<Buffer> {
  const { path } = file;
  checkCompression(path, page);
  const { width, height, chunks, isPlanar } = page;
  const itemSize = Number(pageType(path, page).slice(1));
  const [across, down] = [Math.ceil(width / chunks.width), Math.ceil(height / chunks.height)];
  const count = across * down;
  checkChunkCount(path, page, count);
  const inChunk = isPlanar ? 1 : page.samples;
  const first = isPlanar ? sample * count : 0;
  const read = await chunkReader(file, page, first, count);
  const plane = Buffer.allocUnsafeSlow(width * height * itemSize);
  for (let index = 0; index < count; index++) {
    const [left, top] = [(index % across) * chunks.width, Math.floor(index / across) * chunks.height];
    const rows = chunks.isTiled ? chunks.height : Math.min(chunks.height, height - top);
    const rowBytes = Math.ceil((chunks.width * inChunk * page.bits) / 8);
    const bytes = await unpackChunk(path, await read(first + index, rows * rowBytes), page, rows * rowBytes);
    const values = itemsOf(path, file, page, bytes, rowBytes, inChunk);
    const columns = Math.min(chunks.width, width - left);
    const kept = { rows: Math.min(rows, height - top), columns };
    place(
      plane,
      values,
      itemSize,
      kept,
      { width: chunks.width, samples: inChunk, sample: isPlanar ? 0 : sample },
      left,
      top,
      width,
    );
  }
  return plane;
}

function checkChunkCount(path: string, { chunks, isPlanar, samples }: TiffPage, count: number): void {
  const expected = count * (isPlanar ? samples : 1);
  const name = chunks.isTiled ? "tiles" : "strips";
  if (chunks.offsets.length < expected)
    throw new FileError(path, `${expected} ${name} of a page`, `${chunks.offsets.length}`);
  const hasCounts = chunks.byteCounts.length >= expected;
  if (!hasCounts && !(expected === 1 && chunks.byteCounts.length === 0)) {
    throw new FileError(path, `${expected} lengths of ${name}`, `${chunks.byteCounts.length}`);
  }
}

/** Reads strips that lie close together at once: some writers make one of every row. */
async function chunkReader(
  file: TiffFile,
  { chunks: { offsets, byteCounts }, compression }: TiffPage,
  first: number,
  count: number,
): Promise<(index: number, size: number) => Promise<Buffer>> {
  const indices = Array.from({ length: count }, (_, index) => first + index);
  const total = indices.reduce((sum, index) => sum + (byteCounts[index] ?? 0), 0);
  const start = indices.reduce((least, index) => Math.min(least, offsets[index]!), Number.POSITIVE_INFINITY);
  const end = indices.reduce((most, index) => Math.max(most, offsets[index]! + (byteCounts[index] ?? 0)), 0);
  const isDense = count > 1 && end - start <= 1.25 * total + 65536 && end <= file.size;
  const all = isDense ? await file.read(start, end - start, "pixels") : undefined;
  return async (index, size) => {
    const [offset, stored = size] = [offsets[index]!, byteCounts[index]];
    const length = compression === 1 ? Math.min(stored, size) : stored;
    if (stored === 0) throw new FileError(file.path, "pixels in every strip or tile", "an empty one");
    if (compression === 1 && stored < size)
      throw new FileError(file.path, `${size} bytes in a strip or tile`, `${stored}`);
    return all?.subarray(offset - start, offset - start + length) ?? file.read(offset, length, "pixels");
  };
}

/** The items of a chunk in memory of their own, little-endian, bits unpacked, predictor undone. */
function itemsOf(
  path: string,
  file: TiffFile,
  page: TiffPage,
  bytes: Buffer,
  rowBytes: number,
  samples: number,
): Buffer {
  const { bits, predictor, chunks } = page;
  if (bits % 8 !== 0) {
    if (predictor !== 1) throw new FileError(path, "no predictor for less than whole bytes", `predictor ${predictor}`);
    return unpackBits(bytes, bits, rowBytes, chunks.width * samples);
  }
  const itemSize = bits / 8;
  if (predictor === 3) {
    const items = swapped(bytes, 1);
    undoFloatPredictor(items, rowBytes, itemSize, samples);
    return items;
  }
  const isSwapped = !file.littleEndian && itemSize > 1 && page.compression !== 7;
  const items = isSwapped ? swapped(bytes, itemSize) : predictor === 2 ? swapped(bytes, 1) : bytes;
  if (predictor === 2) undoDifferences(items, rowBytes, itemSize, samples);
  else if (predictor !== 1) throw new FileError(path, "TIFF predictor 1, 2 or 3", `${predictor}`);
  return items;
}

function place(
  plane: Buffer,
  items: Buffer,
  itemSize: number,
  kept: { readonly rows: number; readonly columns: number },
  from: { readonly width: number; readonly samples: number; readonly sample: number },
  left: number,
  top: number,
  width: number,
): void {
  for (let row = 0; row < kept.rows; row++) {
    const target = ((top + row) * width + left) * itemSize;
    const source = row * from.width * from.samples * itemSize;
    if (from.samples === 1) {
      items.copy(plane, target, source, source + kept.columns * itemSize);
      continue;
    }
    for (let column = 0; column < kept.columns; column++) {
      const offset = source + (column * from.samples + from.sample) * itemSize;
      items.copy(plane, target + column * itemSize, offset, offset + itemSize);
    }
  }
}
