import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { asFileError, FileError } from "../fileError.ts";
import { readZipDirectory } from "../readZip.ts";
import { type ByteSource, fileSource, zipSource } from "./byteSource.ts";
import { isDicom } from "./readHeader.ts";

const mostFiles = 200_000;
/** What is read of a file to tell whether it is DICOM. */
const firstRead = 4096;

/** Every file in a folder and the folders in it, links followed once, by name. */
export async function sourcesInFolder(folder: string): Promise<ByteSource[]> {
  const found: ByteSource[] = [];
  for await (const source of filesBelow(folder)) {
    found.push(source);
    if (found.length > mostFiles) throw new FileError(folder, `at most ${mostFiles} files`, "more");
  }
  return found;
}

/** Whether a folder, or one in it, holds a DICOM file; what cannot be read is none. */
export async function holdsDicom(folder: string): Promise<boolean> {
  for await (const source of filesBelow(folder)) {
    const start = await startOf(source).catch(() => undefined);
    if (start !== undefined && isDicom(start)) return true;
  }
  return false;
}

async function* filesBelow(folder: string): AsyncGenerator<ByteSource> {
  const seen = new Set<string>();
  async function* visit(path: string): AsyncGenerator<ByteSource> {
    const real = await realpath(path);
    if (seen.has(real)) return;
    seen.add(real);
    for (const name of (await readdir(path)).sort()) {
      const inside = join(path, name);
      const status = await stat(inside).catch(() => undefined); // A link to nowhere is no image.
      if (status?.isDirectory()) yield* visit(inside);
      else if (status?.isFile()) yield fileSource(inside);
    }
  }
  try {
    yield* visit(folder);
  } catch (error) {
    throw asFileError(folder, "a folder that can be read", error);
  }
}

async function startOf(source: ByteSource): Promise<Buffer> {
  const file = await source.open();
  try {
    const bytes = Buffer.alloc(Math.min(file.size, firstRead));
    await file.fill(bytes, 0);
    return bytes;
  } finally {
    await file.close();
  }
}

/** The members of a zip archive, by name. */
export function sourcesInZip(path: string): ByteSource[] {
  return [...readZipDirectory(path).values()]
    .filter(({ name }) => !name.endsWith("/"))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .map((entry) => zipSource(path, entry));
}
