import { affineOfSpacing } from "../../geometry/index.ts";
import type { Zyx } from "../../voxels/index.ts";
import { chooseChannel, type ImagePart } from "../chooseChannel.ts";
import { chooseVolume } from "../chooseVolume.ts";
import { decodeArray } from "../decodeArray.ts";
import { FileError } from "../fileError.ts";
import { type ImageFile, imageOf } from "../imageFile.ts";
import type { Note } from "../note.ts";
import { typeName } from "../typeName.ts";
import { imageJLayout } from "./imageJ.ts";
import { plainLayout, type TiffLayout } from "./layout.ts";
import { omeLayout } from "./omeXml.ts";
import { pageType, readPlane } from "./readPlane.ts";
import { shapedLayout } from "./shapedJson.ts";
import { openTiff, type TiffFile } from "./tiffFile.ts";
import { type TiffPage, tiffPages } from "./tiffPages.ts";
import { turnRows } from "./turnRows.ts";

/**
 * The volume in a TIFF or BigTIFF file of several pages, or of ImageJ, OME or tifffile with their sizes in mm. Values
 * are those stored: indices where there is a colour table. Of several channels or time points `part` picks one; without
 * it, and for a single slice, a FileError.
 */
export async function readTiff(path: string, part: ImagePart = {}): Promise<ImageFile> {
  const file = await openTiff(path);
  try {
    const all = await tiffPages(file);
    const first = all[0]!;
    const ome = omeLayout(path, first, all.length);
    const stored = ome ? all : all.filter((page) => !page.isSecondary);
    if (stored.length === 0) throw new FileError(path, "a page that is no reduced copy", "none");
    const layout = ome ?? imageJLayout(path, first, stored.length) ?? shapedLayout(path, first) ?? plainLayout(stored);
    const pages = pagesOf(file, stored, layout);
    checkAlike(path, pages);
    return await readVolume(file, pages, layout, part);
  } finally {
    await file.close();
  }
}

async function readVolume(
  file: TiffFile,
  pages: readonly TiffPage[],
  layout: TiffLayout,
  part: ImagePart,
): Promise<ImageFile> {
  const { path } = file;
  const first = pages[0]!;
  const { width, height, samples } = first;
  const channels = layout.channels * samples;
  const colours = first.photometric === 2 || first.photometric > 4 ? "colours or channels" : "channels";
  const slices = sliceWords(layout.slices);
  const channel = chooseChannel(path, channels, part, `${channels} ${colours} of ${slices}`);
  const lengths = [width, height, layout.slices, ...(layout.times > 1 ? [layout.times] : [])];
  const time = chooseVolume(path, lengths, part, `${layout.times} time points of ${slices}`);
  if (layout.slices === 1)
    throw new FileError(path, "one volume with three axes", `one slice of ${width} x ${height} pixels`);
  if (samples > 1 && first.photometric === 6) throw new FileError(path, "one number a voxel", "colours as YCbCr");
  const type = pageType(path, first);
  const planeBytes = width * height * Number(type.slice(1));
  part.onSize?.(layout.slices * height * width, layout.slices * planeBytes);
  const volume = Buffer.allocUnsafeSlow(planeBytes * layout.slices);
  for (let slice = 0; slice < layout.slices; slice++) {
    const page = pages[layout.pageOf(slice, Math.floor(channel / samples), time)]!;
    const plane = turnRows(path, await readPlane(file, page, channel % samples), page, planeBytes / height);
    plane.copy(volume, slice * planeBytes);
  }
  const shape: Zyx = [layout.slices, height, width];
  const array = decodeArray(path, `<${type}`, shape, false, volume);
  if (!("data" in array)) throw new FileError(path, "numbers", "text");
  const { spacing, notes } = voxelSize(layout);
  const found = {
    format: "tiff",
    type: first.bits < 8 ? `uint${first.bits}` : typeName(type),
    hasDirections: false,
  } as const;
  return imageOf(path, array.data, shape, affineOfSpacing(spacing), found, [
    ...notes,
    ...layout.notes,
    ...colourNotes(first),
  ]);
}

/** The pages that hold the planes. Of a single page whose planes follow one another without a page each, pages are made up. */
function pagesOf(file: TiffFile, pages: readonly TiffPage[], layout: TiffLayout): readonly TiffPage[] {
  const planes = layout.slices * layout.channels * layout.times;
  if (planes <= pages.length) {
    if (planes === pages.length) return pages;
    throw new FileError(file.path, `${planes} planes, as the description says`, `${pages.length} pages`);
  }
  const [first] = pages as [TiffPage, ...TiffPage[]];
  const { width, height, bits, samples, compression, chunks } = first;
  const planeBytes = Math.ceil((width * samples * bits) / 8) * height;
  const start = chunks.offsets[0] ?? 0;
  if (pages.length > 1 || compression !== 1 || chunks.isTiled || first.isPlanar) {
    throw new FileError(file.path, `${planes} planes, as the description says`, `${pages.length} pages`);
  }
  if (start + planes * planeBytes > file.size) {
    throw new FileError(
      file.path,
      `${planes} planes of ${planeBytes} bytes from byte ${start}`,
      `a file of ${file.size} bytes`,
    );
  }
  return Array.from({ length: planes }, (_, index) => ({
    ...first,
    chunks: { isTiled: false, width, height, offsets: [start + index * planeBytes], byteCounts: [planeBytes] },
  }));
}

/** One size and type throughout: another page may be a thumbnail, a label or a map. */
function checkAlike(path: string, pages: readonly TiffPage[]): void {
  const describe = ({ width, height, bits, format, samples }: TiffPage): string => {
    const kind = { u: "uint", i: "int", f: "float" }[format];
    return `${width} x ${height} pixels of ${kind}${bits}${samples > 1 ? ` x ${samples}` : ""}`;
  };
  const first = describe(pages[0]!);
  const other = pages.findIndex((page) => describe(page) !== first);
  if (other > 0)
    throw new FileError(
      path,
      `pages of one size and type, ${first}`,
      `${describe(pages[other]!)} on page ${other + 1}`,
    );
}

function voxelSize({ spacing: [x, y, z] }: TiffLayout): { spacing: Zyx; notes: Note[] } {
  const notes: Note[] = ["no orientation is stored; x is taken to run left, y to the back, z up"];
  if (x === undefined && y === undefined && z === undefined) {
    return { spacing: [1, 1, 1], notes: [...notes, { doubt: "no voxel size is stored; taken as 1 mm" }] };
  }
  const width = (x ?? y ?? z)!;
  const missing = [x === undefined && "x", y === undefined && "y", z === undefined && "z"].filter(
    (axis) => axis !== false,
  );
  const mm = Number(width.toPrecision(5));
  if (missing.length > 0)
    notes.push({ doubt: `no voxel size along ${missing.join(" and ")} is stored; taken as ${mm} mm, as the others` });
  return { spacing: [z ?? width, y ?? width, x ?? width], notes };
}

function colourNotes({ photometric }: TiffPage): string[] {
  if (photometric === 3) return ["the file has a colour table; voxels are its indices"];
  return photometric === 0 ? ["the file shows 0 as white; voxels keep the stored numbers"] : [];
}

function sliceWords(slices: number): string {
  return slices === 1 ? "one slice" : `${slices} slices`;
}
