import { existsSync } from "node:fs";
import { open } from "node:fs/promises";

/** Headers of MetaImage and NRRD are some hundred bytes; lists of files may take more. */
const longestHeader = 1 << 20;
/** Most files that a numbered pattern stands for. */
const mostFiles = 100_000;

/**
 * The files, as the header names them (relative to its folder), that hold the values of an image whose header is a file of its
 * own: MetaImage (`ElementDataFile`), NRRD (`data file`), each with one name, a list or a numbered pattern, and the pair .hdr and
 * .img of NIfTI-1 and Analyze. Empty for an image in one file, and for anything that is no image; nothing is checked.
 */
export async function detachedDataFiles(path: string): Promise<string[]> {
  const pair = pairOf(path);
  if (pair.length > 0) return pair;
  const header = await startOf(path);
  const isNrrd = header.startsWith("NRRD");
  const place = isNrrd
    ? /^data ?file: *(.*)$/im.exec(headerOf(header))
    : /^[ \t]*ElementDataFile[ \t]*=(.*)$/m.exec(header);
  if (place === null || (!isNrrd && !/^[ \t]*(ObjectType|NDims|DimSize)[ \t]*=/m.test(header))) return [];
  const named = place[1]!.trim();
  if (/^local$/i.test(named)) return [];
  if (!/^list\b/i.test(named)) return numbered(named) ?? [named];
  const rest = header.slice(place.index + place[0].length).split("\n");
  return rest.map((line) => line.trim()).filter((line) => line !== "");
}

/** The header of an attached NRRD ends at an empty line; a detached one is the whole file. */
function headerOf(text: string): string {
  return text.replaceAll("\r\n", "\n").split("\n\n")[0]!;
}

function pairOf(path: string): string[] {
  const match = /^(.*)\.(hdr|img)(\.gz)?$/i.exec(path);
  if (match === null) return [];
  const other = match[2]!.toLowerCase() === "hdr" ? ["img", "IMG"] : ["hdr", "HDR"];
  return other
    .flatMap((ending) => [`${match[1]}.${ending}`, `${match[1]}.${ending}.gz`])
    .filter(existsSync)
    .slice(0, 1);
}

/** `slice%03d.raw 1 20 1`: the names from the first to the last number. */
function numbered(text: string): string[] | undefined {
  const match = /^(.*)%0?(\d*)d(.*?)\s+(-?\d+)\s+(-?\d+)\s+(-?\d+)(?:\s+\d+)?$/.exec(text);
  if (match === null) return undefined;
  const [before, width, after] = [match[1]!, Number(match[2]), match[3]!];
  const [first, last, step] = [Number(match[4]), Number(match[5]), Number(match[6]) || 1];
  const count = Math.min(mostFiles, Math.max(0, Math.floor((last - first) / step) + 1));
  return Array.from({ length: count }, (_, i) => `${before}${String(first + i * step).padStart(width, "0")}${after}`);
}

async function startOf(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    // Everything else begins with a number or a magic word; a MetaImage header is text, whose first key varies.
    if (!/^(NRRD|[ \t\r\n]*[A-Za-z][A-Za-z])/.test(buffer.toString("latin1", 0, bytesRead))) return "";
    const all = Buffer.alloc(longestHeader);
    return all.toString("utf8", 0, (await file.read(all, 0, longestHeader, 0)).bytesRead);
  } finally {
    await file.close();
  }
}
