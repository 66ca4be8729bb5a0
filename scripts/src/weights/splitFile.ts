import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { CollectedCase, Placed } from "./splitRules.ts";

/** A line of the committed split: what a case is used for, and the hashes of its files. No data. */
export interface SplitRow extends Placed {
  readonly case: string;
  readonly collection: Collection;
  readonly type: CollectedCase["type"];
  readonly dataset: string;
  readonly modality?: string;
  readonly licence: string;
  readonly imageSha256?: string;
  readonly labelSha256: string;
}

export type Collection = "samples" | "samples2";

/** The committed file. */
export const splitPath = new URL("../../weights/split.ndjson", import.meta.url);

export function readSplit(path: URL | string = splitPath): SplitRow[] {
  return readLines(path) as SplitRow[];
}

/** The rows of a file of JSON objects, one a line. */
export function readLines(path: URL | string): unknown[] {
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as unknown);
}

/** All rows of a collection, those of label maps without image after the pairs. */
export function readCollection(folder: string): CollectedCase[] {
  const files = ["cases.ndjson", "labelmaps.ndjson"].map((name) => join(folder, name));
  return files
    .filter((file) => statSync(file, { throwIfNoEntry: false }))
    .flatMap((f) => readLines(f) as CollectedCase[]);
}

/** SHA-256 of a file; of a folder, that of its files' names and hashes in order. */
export function sha256Of(path: string): string {
  const hash = createHash("sha256");
  if (!statSync(path).isDirectory()) return hash.update(readFileSync(path)).digest("hex");
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const names = files.map((entry) => relative(path, join(entry.parentPath, entry.name))).sort();
  for (const name of names) hash.update(`${name} ${sha256Of(join(path, name))}\n`);
  return hash.digest("hex");
}

/** SHA-256 of a name, for an order that nobody chose. */
export function nameHash(name: string): string {
  return createHash("sha256").update(name).digest("hex");
}
