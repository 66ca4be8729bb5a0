import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "@ensam/core/command";
import { holdsDicom } from "@ensam/core/files";

/** Ends of the names of image files that are read; the data files of detached headers (.raw, .img) belong to their header. */
const endings = /\.(nii\.gz|nii|hdr|seg\.nrrd|nrrd|nhdr|mha|mhd|gipl\.gz|gipl|tiff?|npz)$/i;
/** A file that holds a whole label map may be a DICOM segmentation too; as an image it would be one slice. */
const labelEndings = new RegExp(`(${endings.source})|\\.dcm$`, "i");

/** An image in a folder: its name without folder and ending, and its path, a folder's for a DICOM series. */
export interface NamedImage {
  readonly stem: string;
  readonly path: string;
}

/** What a folder holds: images by name, ascending, and the names of everything else that is not hidden. */
export interface ImageFolder {
  readonly images: readonly NamedImage[];
  readonly others: readonly string[];
}

/** Which of the names in a folder are images. */
export interface ImageNames {
  /** The only end of names that counts, such as ".nii.gz"; without it, that of any format that is read. */
  readonly ending?: string | undefined;
  /** Ends of names of those formats. */
  readonly known?: RegExp;
  /** Paths that are not looked at. */
  readonly except?: readonly string[];
  /** What the folder should hold, for errors. @default "images" */
  readonly what?: string;
}

/**
 * Returns the images that lie in a folder: files told by the end of their names, and folders that hold DICOM files,
 * which are one image each, named after the folder.
 */
export async function imagesIn(
  folder: string,
  { ending, known = endings, except = [], what = "images" }: ImageNames = {},
): Promise<ImageFolder> {
  const images: NamedImage[] = [];
  const others: string[] = [];
  for (const name of await namesIn(folder, what)) {
    const stem =
      ending === undefined ? stemOf(name, known) : name.endsWith(ending) ? name.slice(0, -ending.length) : undefined;
    if (name.startsWith(".") || stem === "") continue;
    const path = join(folder, name);
    if (except.includes(path)) continue;
    const status = await stat(path).catch(() => undefined);
    if (stem !== undefined && status?.isFile()) images.push({ stem, path });
    else if (ending === undefined && status?.isDirectory() && (await holdsDicom(path)))
      images.push({ stem: name, path });
    else others.push(name);
  }
  return { images, others };
}

/** Returns a file's name without the end that says its format, or undefined where that is none we read. */
function stemOf(name: string, known: RegExp): string | undefined {
  return known.test(name) ? name.replace(known, "") : undefined;
}

/** The same for a folder of label maps. */
export function labelsIn(folder: string, ending?: string): Promise<ImageFolder> {
  return imagesIn(folder, { ending, known: labelEndings, what: "label maps" });
}

const gotWords: Readonly<Record<string, string>> = { ENOENT: "nothing there", ENOTDIR: "a file" };

async function namesIn(folder: string, what: string): Promise<string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    throw new InputError(`${folder}: expected a folder of ${what}, got ${gotWords[code] ?? code}`, { cause: error });
  }
}
