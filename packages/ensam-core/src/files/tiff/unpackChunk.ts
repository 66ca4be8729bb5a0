import { inflateSync } from "node:zlib";
import { FileError, reasonOf } from "../fileError.ts";
import { unpackLzw } from "./lzw.ts";
import { unpackPackBits } from "./packBits.ts";
import type { TiffPage } from "./tiffPages.ts";

const names: Readonly<Record<number, string | undefined>> = {
  1: "none",
  2: "CCITT (fax)",
  3: "CCITT (fax)",
  4: "CCITT (fax)",
  5: "LZW",
  6: "old JPEG",
  7: "JPEG",
  8: "deflate",
  32773: "PackBits",
  32946: "deflate",
  33003: "JPEG 2000",
  33005: "JPEG 2000",
  34712: "JPEG 2000",
  34887: "LERC",
  34925: "LZMA",
  50000: "Zstandard",
  50001: "WebP",
  50002: "JPEG XL",
};
const read = [1, 5, 7, 8, 32773, 32946, 50000];

/** Throws a FileError that names a compression which is not read. */
export function checkCompression(path: string, { compression, bits }: TiffPage): void {
  const name = names[compression] ?? `number ${compression}`;
  if (!read.includes(compression)) {
    throw new FileError(path, "TIFF compression none, LZW, deflate, PackBits, Zstandard or JPEG", name);
  }
  if (compression === 7 && bits !== 8) throw new FileError(path, "8 bits a sample in JPEG", `${bits}`);
}

/** The `size` bytes of a strip or tile, unpacked, its predictor not undone. Fewer, and damaged ones, are a FileError. */
export async function unpackChunk(path: string, packed: Buffer, page: TiffPage, size: number): Promise<Buffer> {
  let bytes: Buffer | undefined;
  try {
    bytes = await unpack(packed, page, size);
  } catch (error) {
    throw new FileError(path, `undamaged ${names[page.compression]} pixels`, reasonOf(error), { cause: error });
  }
  if (bytes === undefined)
    throw new FileError(path, `undamaged ${names[page.compression]} pixels`, "a code without sense");
  if (bytes.length < size) throw new FileError(path, `${size} bytes in a strip or tile`, `${bytes.length}`);
  return bytes.subarray(0, size);
}

async function unpack(packed: Buffer, page: TiffPage, size: number): Promise<Buffer | undefined> {
  switch (page.compression) {
    case 1:
      return packed;
    case 5:
      return unpackLzw(packed, size);
    case 8:
    case 32946:
      return inflateSync(packed, { maxOutputLength: Math.max(size, 1) });
    case 32773:
      return unpackPackBits(packed, size);
    default:
      return withGeotiff(packed, page);
  }
}

/** JPEG and Zstandard by geotiff. */
async function withGeotiff(packed: Buffer, page: TiffPage): Promise<Buffer> {
  const { getDecoder } = await import("geotiff");
  const parameters = {
    tileWidth: page.chunks.width,
    tileHeight: page.chunks.height,
    predictor: 1,
    bitsPerSample: page.bits,
    planarConfiguration: 1,
    JPEGTables: page.jpegTables,
  };
  const decoder = await getDecoder(page.compression, parameters);
  return Buffer.from((await decoder.decode(new Uint8Array(packed).buffer)) as ArrayBuffer);
}
