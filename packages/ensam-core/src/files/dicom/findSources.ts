import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { asFileError, FileError } from "../fileError.ts";
import { readZipDirectory } from "../readZip.ts";
import { type ByteSource, fileSource, zipSource } from "./byteSource.ts";

const mostFiles = 200_000;

/** Every file in a folder and the folders in it, links followed once, by name. */
export async function sourcesInFolder(folder: string): Promise<ByteSource[]> {
  const found: ByteSource[] = [];
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    for (const name of (await readdir(path)).sort()) {
      const inside = join(path, name);
      const status = await stat(inside).catch(() => undefined); // A link to nowhere is no image.
      if (status?.isDirectory()) await visit(inside);
      else if (status?.isFile()) found.push(fileSource(inside));
      if (found.length > mostFiles) throw new FileError(folder, `at most ${mostFiles} files`, "more");
    }
  };
  await visit(folder).catch((error: unknown) => {
    throw asFileError(folder, "a folder that can be read", error);
  });
  return found;
}

/** The members of a zip archive, by name. */
export function sourcesInZip(path: string): ByteSource[] {
  return [...readZipDirectory(path).values()]
    .filter(({ name }) => !name.endsWith("/"))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => zipSource(path, entry));
}
