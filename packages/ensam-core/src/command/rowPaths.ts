import { existsSync } from "node:fs";
import { isAbsolute, relative, resolve } from "node:path";
import type { RowOrigin } from "./readRows.ts";
import type { Row } from "./rowTypes.ts";

/** Fields that hold paths, in any row type. */
const pathFields = ["image", "label", "npz", "prediction", "truth", "path"] as const;

/**
 * Returns the absolute path that a path in a row means: beside the file that holds the row, or, when nothing is there,
 * in the working directory (so that rows redirected into another folder still find their files).
 */
export function resolvePath(origin: Pick<RowOrigin, "folder" | "cwd">, path: string): string {
  if (isAbsolute(path)) return path;
  const beside = resolve(origin.folder, path);
  if (origin.folder === origin.cwd || existsSync(beside)) return beside;
  const here = resolve(origin.cwd, path);
  return existsSync(here) ? here : beside;
}

/** Returns a path as output rows hold it: relative to the working directory, or absolute if asked. */
export function relativePath(cwd: string, path: string, { absolute = false } = {}): string {
  const full = resolve(cwd, path);
  return absolute ? full : relative(cwd, full) || ".";
}

/**
 * Returns a row as it has to be written to standard output: the same, with paths that were relative to its file
 * made relative to the working directory. A row from a pipe comes out unchanged.
 */
export function rebaseRow<Kept extends Row>(
  row: Kept,
  origin: Pick<RowOrigin, "folder" | "cwd">,
  { absolute = false } = {},
): Kept {
  if (origin.folder === origin.cwd && !absolute) return row;
  const rebased: Record<string, unknown> = { ...row };
  for (const field of pathFields) {
    const path = rebased[field];
    if (typeof path !== "string" || (isAbsolute(path) && !absolute)) continue;
    rebased[field] = relativePath(origin.cwd, resolvePath(origin, path), { absolute });
  }
  return rebased as Kept;
}
