import { FileError } from "../fileError.ts";
import type { TiffFile } from "./tiffFile.ts";
import { type TiffDirectory, tagFraction, tagNumbers, tagText, tiffDirectory } from "./tiffTags.ts";

/** What one page says about its pixels. */
export interface TiffPage {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly format: "u" | "i" | "f";
  readonly samples: number;
  /** Whether samples lie in planes of their own. */
  readonly isPlanar: boolean;
  readonly compression: number;
  readonly predictor: number;
  readonly photometric: number;
  readonly orientation: number;
  readonly chunks: TiffChunks;
  readonly jpegTables: Buffer | undefined;
  /** A small copy or a mask of another page. */
  readonly isSecondary: boolean;
  readonly description: string | undefined;
  /** Pixels per unit along x and y, and the unit: 1 none, 2 inch, 3 centimetre. */
  readonly resolution: readonly [x: number | undefined, y: number | undefined];
  readonly resolutionUnit: number;
}

/** Strips (as wide as the page) or tiles: their size in pixels and where each lies. */
export interface TiffChunks {
  readonly isTiled: boolean;
  readonly width: number;
  readonly height: number;
  readonly offsets: readonly number[];
  readonly byteCounts: readonly number[];
}

const tag = {
  subfile: 254,
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  description: 270,
  stripOffsets: 273,
  orientation: 274,
  samples: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planar: 284,
  resolutionUnit: 296,
  predictor: 317,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  sampleFormat: 339,
  jpegTables: 347,
  metaMorph: 33628,
  metaMorphStack: 33629,
  zeissLsm: 34412,
} as const;
const wanted = new Set<number>(Object.values(tag));
const mostPages = 1_000_000;

/** Makers' variants whose stacks are not lists of pages. */
const variants: readonly (readonly [number, string])[] = [
  [tag.zeissLsm, "a Zeiss LSM file"],
  [tag.metaMorph, "a MetaMorph stack"],
  [tag.metaMorphStack, "a MetaMorph stack"],
];

/** All pages of the file, in order. A chain of pages that leaves the file or comes back to itself is a FileError. */
export async function tiffPages(file: TiffFile): Promise<TiffPage[]> {
  const pages: TiffPage[] = [];
  const seen = new Set<number>();
  for (let offset = file.first; offset !== 0; ) {
    if (seen.has(offset) || pages.length >= mostPages)
      throw new FileError(file.path, "a list of pages that ends", "one that does not");
    seen.add(offset);
    const directory = await tiffDirectory(file, offset, wanted);
    pages.push(pageOf(file, directory, pages.length + 1));
    offset = directory.next;
  }
  if (pages.length === 0) throw new FileError(file.path, "a page", "none");
  return pages;
}

function pageOf(file: TiffFile, directory: TiffDirectory, number: number): TiffPage {
  for (const [variant, name] of variants) {
    if (directory.tags.has(variant))
      throw new FileError(file.path, "a plain, ImageJ or OME TIFF", `${name}: export it as OME-TIFF`);
  }
  const one = (field: keyof typeof tag, otherwise: number): number =>
    tagNumbers(file, directory, tag[field])[0] ?? otherwise;
  const [width, height] = [one("width", 0), one("height", 0)];
  if (!(width >= 1 && height >= 1))
    throw new FileError(file.path, `a width and a height of page ${number}`, `${width} x ${height}`);
  const fillOrder = one("fillOrder", 1);
  if (fillOrder !== 1)
    throw new FileError(file.path, "bits from the highest on (FillOrder 1)", `FillOrder ${fillOrder}`);
  const samples = one("samples", 1);
  return {
    width,
    height,
    bits: sameOf(file, `bits a sample of page ${number}`, tagNumbers(file, directory, tag.bits), 1),
    format: formatOf(
      file,
      sameOf(file, `sample format of page ${number}`, tagNumbers(file, directory, tag.sampleFormat), 1),
    ),
    samples,
    isPlanar: one("planar", 1) === 2 && samples > 1,
    compression: one("compression", 1),
    predictor: one("predictor", 1),
    photometric: one("photometric", 1),
    orientation: one("orientation", 1),
    chunks: chunksOf(file, directory, width, height),
    jpegTables: directory.tags.get(tag.jpegTables)?.bytes,
    isSecondary: (one("subfile", 0) & 5) !== 0,
    description: tagText(directory, tag.description),
    resolution: [tagFraction(file, directory, tag.xResolution), tagFraction(file, directory, tag.yResolution)],
    resolutionUnit: one("resolutionUnit", 2),
  };
}

function sameOf(file: TiffFile, what: string, values: readonly number[], otherwise: number): number {
  const [first = otherwise] = values;
  if (values.every((value) => value === first)) return first;
  throw new FileError(file.path, `the same ${what} throughout`, values.slice(0, 8).join(", "));
}

/** SampleFormat 4, "undefined", is what some writers put for plain integers. */
function formatOf(file: TiffFile, format: number): TiffPage["format"] {
  const known = ({ 1: "u", 2: "i", 3: "f", 4: "u" } as const)[format];
  if (known !== undefined) return known;
  throw new FileError(
    file.path,
    "integers or floats",
    format === 5 || format === 6 ? "complex numbers" : `SampleFormat ${format}`,
  );
}

function chunksOf(file: TiffFile, directory: TiffDirectory, width: number, height: number): TiffChunks {
  const numbers = (field: keyof typeof tag): number[] => tagNumbers(file, directory, tag[field]);
  const tileOffsets = numbers("tileOffsets");
  if (tileOffsets.length > 0) {
    const [tileWidth = 0, tileHeight = 0] = [...numbers("tileWidth"), ...numbers("tileHeight")];
    if (!(tileWidth >= 1 && tileHeight >= 1))
      throw new FileError(file.path, "the size of tiles", `${tileWidth} x ${tileHeight}`);
    return {
      isTiled: true,
      width: tileWidth,
      height: tileHeight,
      offsets: tileOffsets,
      byteCounts: numbers("tileByteCounts"),
    };
  }
  const rows = Math.min(numbers("rowsPerStrip")[0] ?? height, height);
  if (rows < 1) throw new FileError(file.path, "rows in a strip", `${rows}`);
  return {
    isTiled: false,
    width,
    height: rows,
    offsets: numbers("stripOffsets"),
    byteCounts: numbers("stripByteCounts"),
  };
}
