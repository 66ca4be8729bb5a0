import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { findDetachedFile } from "./detachedFile.ts";
import { firstBytes } from "./firstBytes.ts";
import { metaDataFiles } from "./metaData.ts";
import { isMetaImage, metaHeader } from "./metaHeader.ts";
import { nrrdDataFiles } from "./nrrdData.ts";
import { nrrdHeader } from "./nrrdHeader.ts";
import { statRegularFileSync } from "./regularFile.ts";

/** What is read to tell whether a file is a header, and the longest header with its list of files. */
const [headLength, longestHeader] = [4096, 1 << 22];

/**
 * The paths of the files that hold the values of an image whose header is a file of its own: MetaImage
 * (`ElementDataFile`), NRRD (`data file`), and the pair .hdr and .img of NIfTI-1 and Analyze; also of such that are not
 * there. Empty for an image in one file, for a damaged header and for anything that is no image: what is wrong with
 * those is said by whoever reads the image.
 */
export async function detachedDataFiles(path: string): Promise<string[]> {
  try {
    statRegularFileSync(path);
    const pair = pairOf(path);
    if (pair.length > 0) return pair;
    return namesIn(path).map((name) => {
      const bytes = Buffer.from(name, "latin1");
      return findDetachedFile(path, bytes) ?? resolve(dirname(path), bytes.toString("utf8"));
    });
  } catch {
    return [];
  }
}

/** Paths that are read as images, and the files that hold the values of those that are detached headers. */
export async function withDataFiles(paths: Iterable<string | undefined>): Promise<string[]> {
  const images = [...paths].filter((path) => path !== undefined);
  return (await Promise.all(images.map(async (path) => [path, ...(await detachedDataFiles(path))]))).flat();
}

/** The names of data files in a header, as latin1. */
function namesIn(path: string): readonly string[] {
  const head = firstBytes(path, headLength);
  const isNrrd = head.toString("latin1", 0, 4) === "NRRD";
  if (!isNrrd && !isMetaImage(head)) return [];
  const bytes = firstBytes(path, longestHeader);
  const named = isNrrd ? nrrdDataFiles(path, nrrdHeader(path, bytes)) : metaDataFiles(path, metaHeader(path, bytes));
  return named?.names ?? [];
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
