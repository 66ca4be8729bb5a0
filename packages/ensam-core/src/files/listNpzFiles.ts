import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { asFileError } from "./fileError.ts";

/** The paths of all .npz files in `folder` and below, sorted by code units; names that start with a dot are left out. */
export async function listNpzFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  const waiting = [folder];
  for (let here = waiting.pop(); here !== undefined; here = waiting.pop()) {
    const entries = await readdir(here, { withFileTypes: true }).catch((error: unknown) => {
      throw asFileError(folder, "a folder that can be listed", error);
    });
    for (const entry of entries) {
      if (entry.name.startsWith(".")) continue;
      if (entry.isDirectory()) waiting.push(join(here, entry.name));
      else if (entry.name.endsWith(".npz")) found.push(join(here, entry.name));
    }
  }
  return found.sort();
}
