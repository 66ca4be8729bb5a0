import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { FileError } from "./fileError.ts";

/**
 * The path of a data file that a header names, relative to the header's folder. Headers do not say how a name is
 * encoded, and some put it in quotes or write it with backslashes: of these readings the first that exists is meant.
 * None is a FileError.
 */
export function detachedFile(headerPath: string, name: Buffer): string {
  const found = findDetachedFile(headerPath, name);
  if (found !== undefined) return found;
  const written = JSON.stringify(name.toString("utf8").trim());
  throw new FileError(headerPath, `its data file ${written} beside it`, "no such file");
}

/** The same; undefined for none. */
export function findDetachedFile(headerPath: string, name: Buffer): string | undefined {
  const texts = [name.toString("utf8"), name.toString("latin1")].map((text) => text.trim());
  const readings = texts.flatMap((text) => {
    const bare = /^(["'])(.*)\1$/.exec(text)?.[2] ?? text;
    return [text, bare, bare.replaceAll("\\", "/")].flatMap((form) => [
      form,
      form.normalize("NFC"),
      form.normalize("NFD"),
    ]);
  });
  const folder = dirname(headerPath);
  const found = readings.filter((form) => form !== "").find((form) => existsSync(resolve(folder, form)));
  return found === undefined ? undefined : resolve(folder, found);
}

/**
 * The names that a pattern as in C's printf stands for, `slice%03d.raw` with 1, 3, 1: slice001.raw, slice002.raw,
 * slice003.raw. Only one whole number in it is known, and at most 100,000 names; anything else is a FileError.
 */
export function numberedNames(
  headerPath: string,
  pattern: string,
  first: number,
  last: number,
  step: number,
): string[] {
  const match = /^([^%]*)%(0?)(\d*)[diu]([^%]*)$/.exec(pattern);
  const count = Math.floor((last - first) / step) + 1;
  if (!match || !(count >= 1 && count <= 100_000)) {
    throw new FileError(
      headerPath,
      "a pattern of file names such as slice%03d.raw 1 20 1",
      `${pattern} ${first} ${last} ${step}`,
    );
  }
  const [, before, zero, width, after] = match as unknown as [string, string, string, string, string];
  return Array.from({ length: count }, (_, index) => {
    const number = String(first + index * step);
    return before + number.padStart(Math.min(Number(width), 20), zero === "0" ? "0" : " ") + after;
  });
}
