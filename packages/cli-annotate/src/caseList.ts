import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { InputError, UsageError } from "@ensam/core/command";

/** Names of images that lie in a folder side by side; any other folder is read as a DICOM series. */
const imageName = /\.(nii|nii\.gz|nrrd|nhdr|mha|mhd|gipl|gipl\.gz|tif|tiff|npz)$/i;

/** An image to annotate and where its session is kept. */
export interface AnnotationCase {
  readonly path: string;
  readonly name: string;
  readonly log: string;
}

/** The images that the arguments mean, each once; a folder stands for the images in it, in the order of their names. */
export function casesOf(paths: readonly string[], cwd: string, sessions?: string): AnnotationCase[] {
  const files = [...new Set(paths.flatMap((path) => expand(resolve(cwd, path))))];
  if (files.length === 0)
    throw new UsageError("IMAGE: expected an image or a folder with images, got none (see --help)");
  const logs = new Map<string, string>();
  return files.map((path) => {
    const name = basename(path);
    const log = join(sessions ?? dirname(path), `${stem(name)}.session.ndjson`);
    const other = logs.get(log);
    if (other !== undefined) {
      throw new UsageError(
        `${path}: expected a log of its own, got that of ${other} (--sessions and the names decide)`,
      );
    }
    logs.set(log, path);
    return { path, name, log };
  });
}

function expand(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new InputError(`${path}: expected an image or a folder, found nothing`);
  if (!found.isDirectory()) return [path];
  const images = readdirSync(path).filter((name) => imageName.test(name) && !name.startsWith("."));
  return images.length === 0 ? [path] : images.sort().map((name) => join(path, name));
}

function stem(name: string): string {
  const short = name.replace(/\.gz$/i, "").replace(imageName, "");
  return short === "" ? name : short;
}
