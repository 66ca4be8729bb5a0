import { FileError } from "../fileError.ts";
import { mmOf } from "../lengthUnits.ts";
import { printNotes, type TiffLayout } from "./layout.ts";
import type { TiffPage } from "./tiffPages.ts";

/**
 * The layout that ImageJ writes into the first page's description, lines `key=value` after `ImageJ=version`: channels
 * change fastest, then slices, then frames; `spacing` and the resolution are in `unit`. Undefined for another
 * description.
 */
export function imageJLayout(path: string, page: TiffPage, pages: number): TiffLayout | undefined {
  if (!/^ImageJ=/.test(page.description ?? "")) return undefined;
  const fields = new Map(
    page.description!.split(/\r?\n/).map((line): [string, string] => {
      const equals = line.indexOf("=");
      return [line.slice(0, Math.max(0, equals)), line.slice(equals + 1)];
    }),
  );
  const counts = countsOf(path, fields, pages);
  return {
    ...counts,
    pageOf: (slice, channel, time) => channel + counts.channels * (slice + counts.slices * time),
    ...spacingOf(page, fields, counts.slices),
  };
}

function countsOf(
  path: string,
  fields: ReadonlyMap<string, string>,
  pages: number,
): Pick<TiffLayout, "slices" | "channels" | "times"> {
  const count = (key: string, otherwise: number): number => {
    const text = fields.get(key);
    if (text === undefined) return otherwise;
    if (/^[1-9]\d{0,8}$/.test(text.trim())) return Number(text);
    throw new FileError(path, `a number of ${key} in ImageJ's description`, JSON.stringify(text.slice(0, 40)));
  };
  const images = count("images", pages);
  const [channels, times] = [count("channels", 1), count("frames", 1)];
  const slices = count("slices", channels * times === 1 ? images : 1);
  if (channels * slices * times !== images) {
    throw new FileError(
      path,
      `${images} images, as ImageJ's description says`,
      `${channels} channels x ${slices} slices x ${times} frames`,
    );
  }
  return { channels, slices, times };
}

function spacingOf(
  page: TiffPage,
  fields: ReadonlyMap<string, string>,
  slices: number,
): Pick<TiffLayout, "spacing" | "notes"> {
  const unit = plain(fields.get("unit"));
  const mm = unitMm(unit);
  if (mm === undefined) {
    const isNamed = unit !== undefined && !/^(pixels?|)$/i.test(unit);
    const notes = isNamed
      ? [{ doubt: `the unit ${JSON.stringify(unit)} of ImageJ's voxel size is not known` }]
      : printNotes(page);
    return { spacing: [undefined, undefined, undefined], notes };
  }
  const [across, down] = page.resolution;
  const x = across === undefined ? undefined : mm / across;
  const y = down === undefined ? x : (unitMm(plain(fields.get("yunit"))) ?? mm) / down;
  const stored = Number(fields.get("spacing") ?? Number.NaN);
  const depth = Math.abs(stored);
  const isStored = depth > 0 && Number.isFinite(depth);
  // ImageJ leaves out a depth of 1.
  const z = (isStored ? depth : 1) * (unitMm(plain(fields.get("zunit"))) ?? mm);
  const isGuess = !isStored && slices > 1;
  return {
    spacing: [x, y, z],
    notes: isGuess ? [{ doubt: `no distance of slices is stored, by which ImageJ means 1 ${unit}` }] : [],
  };
}

/** An inch is what ImageJ makes of a print resolution, so it says nothing about voxels. */
function unitMm(unit: string | undefined): number | undefined {
  return unit === undefined || /^(in|inch|inches)$/i.test(unit) ? undefined : mmOf(unit);
}

/** ImageJ writes signs beyond ASCII as in Java: \u00B5m. */
function plain(unit: string | undefined): string | undefined {
  return unit
    ?.replace(/\\u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .trim();
}
