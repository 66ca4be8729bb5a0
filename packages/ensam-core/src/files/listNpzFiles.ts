import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { asFileError } from "./fileError.ts";

/** The .npz files of a folder, and what a user should know of how they were found. */
export interface FoundNpzFiles {
  /** Paths, sorted by code units. */
  readonly files: readonly string[];
  /** Links that were not followed, and why, one sentence each. */
  readonly notes: readonly string[];
}

/**
 * The .npz files in `folder` and below; names that start with a dot are left out. Links to folders are followed, after
 * all that is no link, and no folder is listed twice: a link that leads to one that was, as in a circle, is told.
 */
export async function listNpzFiles(folder: string): Promise<FoundNpzFiles> {
  const files: string[] = [];
  const notes: string[] = [];
  const listed = new Map<string, string>(); // By its real path, the path under which a folder was listed.
  const [folders, links] = [[folder], [] as string[]];
  while (folders.length + links.length > 0) {
    const isLink = folders.length === 0;
    const here = folders.pop() ?? links.shift()!;
    const real = await realpath(here).catch((error: unknown) => {
      throw asFileError(here, "a folder that can be listed", error);
    });
    const before = listed.get(real);
    if (before !== undefined) {
      if (isLink) notes.push(`${here}: a link to ${before}, which is listed already; not followed`);
      continue;
    }
    listed.set(real, here);
    for (const entry of await entriesOf(folder, here)) {
      const path = join(here, entry.name);
      const kind = entry.name.startsWith(".") ? "hidden" : await kindOf(entry, path);
      if (kind === "folder") folders.push(path);
      else if (kind === "link") links.push(path);
      else if (kind === "broken") notes.push(`${path}: a link to nothing; not followed`);
      else if (kind === "file" && entry.name.endsWith(".npz")) files.push(path);
    }
  }
  return { files: files.sort(), notes };
}

async function entriesOf(folder: string, here: string): Promise<Dirent[]> {
  const entries = await readdir(here, { withFileTypes: true }).catch((error: unknown) => {
    throw asFileError(folder, "a folder that can be listed", error);
  });
  return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function kindOf(entry: Dirent, path: string): Promise<"folder" | "link" | "broken" | "file"> {
  if (!entry.isSymbolicLink()) return entry.isDirectory() ? "folder" : "file";
  const target = await stat(path).catch(() => undefined);
  if (target === undefined) return "broken";
  return target.isDirectory() ? "link" : "file";
}
