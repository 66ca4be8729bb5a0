import { isAbsolute, relative, resolve } from "node:path";
import type { Row } from "./rowTypes.ts";

/** Where a row was read. */
export interface RowOrigin {
  /** The file as the user named it, or "stdin". */
  readonly file: string;
  readonly line: number;
  /** The folder that relative paths in the row start from: the file's, or the working directory for a pipe. */
  readonly folder: string;
}

/**
 * The one rule for paths in rows. Written ones are absolute, so that they hold wherever the rows go: into a file of any
 * folder, down a pipe, through `tee`, `grep` or `head`. Read ones may be relative, and then start from the folder of
 * the file that holds the row (from a pipe, the working directory): that is for rows written by hand, and for folders
 * that move as a whole (`--relative`).
 */

/** Fields that hold paths, in any row type. */
const pathFields = ["image", "label", "npz", "prediction", "truth", "path"] as const;

/** Returns the absolute path that a path in a row means. */
export function resolvePath(origin: Pick<RowOrigin, "folder">, path: string): string {
  return resolve(origin.folder, path);
}

/** Returns a path as output rows hold it: absolute, or relative to a folder that the user named (`--relative`). */
export function writtenPath(path: string, from: string | undefined): string {
  const full = resolve(path);
  return from === undefined ? full : relative(from, full) || ".";
}

/**
 * Returns a row as it has to be written to another place than it came from: the same, with its paths as output rows
 * hold them.
 */
export function rebaseRow<Kept extends Row>(
  row: Kept,
  origin: Pick<RowOrigin, "folder">,
  from: string | undefined,
): Kept {
  const rebased: Record<string, unknown> = { ...row };
  for (const field of pathFields) {
    const path = rebased[field];
    if (typeof path !== "string" || (isAbsolute(path) && from === undefined)) continue;
    rebased[field] = writtenPath(resolvePath(origin, path), from);
  }
  return rebased as Kept;
}
