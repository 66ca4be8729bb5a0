import { FileError } from "../fileError.ts";
import { type TiffFile, unsigned } from "./tiffFile.ts";

/** One page's directory: the raw values of its tags by number, and where the next directory lies (0: nowhere). */
export interface TiffDirectory {
  readonly tags: ReadonlyMap<number, TiffTag>;
  readonly next: number;
}

export interface TiffTag {
  readonly type: number;
  readonly count: number;
  readonly bytes: Buffer;
}

/** Bytes of one value of TIFF's types 1 to 13 and BigTIFF's 16 to 18. */
const sizes: Readonly<Record<number, number | undefined>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};
const mostTags = 4096;

/** The directory at byte `offset`, with the values of the tags that `wanted` names. One that is not all in the file is a FileError. */
export async function tiffDirectory(
  file: TiffFile,
  offset: number,
  wanted: ReadonlySet<number>,
): Promise<TiffDirectory> {
  const { littleEndian, isBig } = file;
  const [countSize, entrySize, wordSize] = isBig ? [8, 20, 8] : [2, 12, 4];
  const count = unsigned(await file.read(offset, countSize, "a page's tags"), 0, countSize, littleEndian);
  if (count === 0 || count > mostTags)
    throw new FileError(file.path, `1 to ${mostTags} tags of a page at byte ${offset}`, `${count}`);
  const bytes = await file.read(offset + countSize, count * entrySize + wordSize, "a page's tags");
  const tags = new Map<number, TiffTag>();
  for (let index = 0; index < count; index++) {
    const entry = bytes.subarray(index * entrySize, (index + 1) * entrySize);
    const number = unsigned(entry, 0, 2, littleEndian);
    if (wanted.has(number)) tags.set(number, await tagOf(file, number, entry, wordSize));
  }
  return { tags, next: unsigned(bytes, count * entrySize, wordSize, littleEndian) };
}

async function tagOf(file: TiffFile, number: number, entry: Buffer, wordSize: number): Promise<TiffTag> {
  const type = unsigned(entry, 2, 2, file.littleEndian);
  const count = unsigned(entry, 4, wordSize, file.littleEndian);
  const size = sizes[type];
  if (size === undefined) throw new FileError(file.path, `a known type of tag ${number}`, `type ${type}`);
  const inline = entry.subarray(4 + wordSize);
  if (count * size <= wordSize) return { type, count, bytes: inline.subarray(0, count * size) };
  const offset = unsigned(inline, 0, wordSize, file.littleEndian);
  return { type, count, bytes: await file.read(offset, count * size, `tag ${number}`) };
}

/** The whole numbers in a tag; none where it is missing. A tag of another type is a FileError. */
export function tagNumbers(file: TiffFile, { tags }: TiffDirectory, number: number): number[] {
  const tag = tags.get(number);
  if (tag === undefined) return [];
  if (![1, 3, 4, 13, 16, 18].includes(tag.type)) {
    throw new FileError(file.path, `whole numbers in tag ${number}`, `type ${tag.type}`);
  }
  const size = sizes[tag.type]!;
  return Array.from({ length: tag.count }, (_, index) => unsigned(tag.bytes, index * size, size, file.littleEndian));
}

/** The text in a tag, without the zero at its end; undefined where it is missing. */
export function tagText({ tags }: TiffDirectory, number: number): string | undefined {
  const bytes = tags.get(number)?.bytes;
  if (bytes === undefined) return undefined;
  const utf8 = bytes.toString("utf8");
  return (utf8.includes("\ufffd") ? bytes.toString("latin1") : utf8).replace(/\0+$/, "");
}

/** The fraction in a tag; undefined where it is missing or has no value. */
export function tagFraction(file: TiffFile, { tags }: TiffDirectory, number: number): number | undefined {
  const tag = tags.get(number);
  if (tag?.type !== 5 || tag.count < 1) return undefined;
  const [above, below] = [0, 4].map((offset) => unsigned(tag.bytes, offset, 4, file.littleEndian)) as [number, number];
  return below > 0 && above > 0 ? above / below : undefined;
}
