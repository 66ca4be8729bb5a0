import { basename } from "node:path";
import { FileError } from "../fileError.ts";
import { mmOf } from "../lengthUnits.ts";
import type { TiffLayout } from "./layout.ts";
import type { TiffPage } from "./tiffPages.ts";

interface Attributes {
  readonly [name: string]: string | undefined;
}

/**
 * The layout in the OME-XML of the first page's description (https://docs.openmicroscopy.org, OME-TIFF): sizes,
 * DimensionOrder, TiffData, and PhysicalSizeX, Y, Z in micrometres unless a unit is named. Undefined for another
 * description.
 */
export function omeLayout(path: string, page: TiffPage, pages: number): TiffLayout | undefined {
  const xml = page.description ?? "";
  if (!/<(\w+:)?OME[\s>]/.test(xml)) return undefined;
  if (/<(\w+:)?BinaryOnly\b/.test(xml))
    throw new FileError(path, "an OME-TIFF with its metadata", "one whose metadata lie in another file");
  const images = [...xml.matchAll(/<(?:\w+:)?Pixels\b([^>]*)>/g)];
  if (images.length !== 1) throw new FileError(path, "one image in an OME-TIFF", `${images.length}`);
  const pixels = attributesOf(images[0]![1]!);
  const size = (axis: string): number => wholeNumber(path, `Size${axis}`, pixels[`Size${axis}`]);
  const [slices, allChannels, times] = [size("Z"), size("C"), size("T")];
  if (allChannels % page.samples !== 0) {
    throw new FileError(path, `a SizeC that ${page.samples} samples a pixel divide`, `${allChannels}`);
  }
  const counts = { Z: slices, C: allChannels / page.samples, T: times };
  const places = planePages(path, xml, pixels.DimensionOrder ?? "", counts, pages);
  return {
    slices,
    channels: counts.C,
    times,
    pageOf: (slice, channel, time) => places[slice + slices * (channel + counts.C * time)]!,
    spacing: [physicalSize(pixels, "X"), physicalSize(pixels, "Y"), physicalSize(pixels, "Z")],
    notes: [],
  };
}

/** The page of each plane, at slice + slices · (channel + channels · time). */
function planePages(
  path: string,
  xml: string,
  order: string,
  counts: { readonly Z: number; readonly C: number; readonly T: number },
  pages: number,
): number[] {
  const axes = order.replace(/^XY/, "").split("") as ("Z" | "C" | "T")[];
  if (order.length !== 5 || [...axes].sort().join("") !== "CTZ") {
    throw new FileError(path, "a DimensionOrder such as XYZCT", JSON.stringify(order));
  }
  const total = counts.Z * counts.C * counts.T;
  if (total > 1_000_000) throw new FileError(path, "at most 1000000 planes", `${total}`);
  const places = new Array<number>(total).fill(-1);
  for (const block of planeBlocks(path, xml, total)) {
    const strides = axes.map((_, index) => axes.slice(0, index).reduce((product, axis) => product * counts[axis], 1));
    const begin = axes.reduce((sum, axis, index) => sum + block.first[axis] * strides[index]!, 0);
    for (let step = 0; step < block.count && begin + step < total; step++) {
      const at = axes.map((axis, index): [string, number] => [
        axis,
        Math.floor((begin + step) / strides[index]!) % counts[axis],
      ]);
      const { Z, C, T } = Object.fromEntries(at) as { Z: number; C: number; T: number };
      places[Z + counts.Z * (C + counts.C * T)] = block.page + step;
    }
  }
  const missing = places.filter((page) => page < 0 || page >= pages).length;
  if (missing > 0)
    throw new FileError(path, `${total} planes, as the OME-XML says`, `${total - missing} of them in ${pages} pages`);
  return places;
}

interface PlaneBlock {
  readonly page: number;
  readonly count: number;
  readonly first: { readonly Z: number; readonly C: number; readonly T: number };
}

/** The TiffData elements: each puts consecutive pages to consecutive planes. None, or one without attributes, means all pages in order. */
function planeBlocks(path: string, xml: string, total: number): PlaneBlock[] {
  const elements = [...xml.matchAll(/<(?:\w+:)?TiffData\b([^>]*?)(?:\/>|>([\s\S]*?)<\/(?:\w+:)?TiffData>)/g)];
  const files = new Set(
    elements.flatMap(([, , inner]) => /FileName\s*=\s*["']([^"']*)["']/.exec(inner ?? "")?.[1] ?? []),
  );
  if (files.size > 1) {
    const others = [...files].filter((name) => name !== basename(path));
    throw new FileError(path, "an OME-TIFF in one file", `planes in ${others.slice(0, 3).join(", ")} too`);
  }
  if (elements.length === 0) return [{ page: 0, count: total, first: { Z: 0, C: 0, T: 0 } }];
  return elements.map(([, text]) => {
    const attributes = attributesOf(text!);
    const number = (name: string, otherwise: number): number =>
      attributes[name] === undefined ? otherwise : wholeNumber(path, name, attributes[name], 0);
    const isPlaced = attributes.IFD !== undefined;
    return {
      page: number("IFD", 0),
      count: number("PlaneCount", isPlaced ? 1 : total),
      first: { Z: number("FirstZ", 0), C: number("FirstC", 0), T: number("FirstT", 0) },
    };
  });
}

function attributesOf(text: string): Attributes {
  const found = [...text.matchAll(/([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)];
  return Object.fromEntries(found.map(([, name, a, b]) => [name, unescaped(a ?? b ?? "")]));
}

function unescaped(text: string): string {
  return text.replace(/&#(x?)([0-9a-f]{1,6});/gi, (_, hex: string, code: string) =>
    String.fromCodePoint(Math.min(0x10ffff, Number.parseInt(code, hex ? 16 : 10))),
  );
}

function wholeNumber(path: string, name: string, text: string | undefined, least = 1): number {
  if (text !== undefined && /^\d{1,9}$/.test(text) && Number(text) >= least) return Number(text);
  throw new FileError(
    path,
    `a whole number as ${name} in the OME-XML`,
    text === undefined ? "none" : JSON.stringify(text.slice(0, 40)),
  );
}

function physicalSize(pixels: Attributes, axis: "X" | "Y" | "Z"): number | undefined {
  const length = Number(pixels[`PhysicalSize${axis}`] ?? Number.NaN);
  const mm = mmOf(pixels[`PhysicalSize${axis}Unit`] ?? "µm");
  return mm !== undefined && length > 0 && Number.isFinite(length) ? length * mm : undefined;
}
