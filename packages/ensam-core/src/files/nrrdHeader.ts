import { FileError } from "./fileError.ts";

/** A NRRD header: its fields by their lower-case names with values as written, its key/value pairs, and where it ends. */
export interface NrrdHeader {
  readonly fields: ReadonlyMap<string, string>;
  readonly pairs: ReadonlyMap<string, string>;
  /** The names after `data file: LIST`, one a line. */
  readonly listed: readonly string[];
  /** The byte after the blank line that ends the header; undefined where the header is the whole file. */
  readonly end: number | undefined;
}

/** What older versions of the format call the same fields. */
const otherNames: Readonly<Record<string, string | undefined>> = {
  datafile: "data file",
  lineskip: "line skip",
  byteskip: "byte skip",
  axismins: "axis mins",
  axismaxs: "axis maxs",
  centers: "centerings",
  spaceunits: "space units",
  spaceorigin: "space origin",
  spacedirections: "space directions",
  spacedimension: "space dimension",
};

/**
 * The header in the first bytes of a NRRD file (http://teem.sourceforge.net/nrrd/format.html), decoded as latin1 so
 * that the bytes of file names are kept. A line that is neither a field, a pair nor a comment is a FileError.
 */
export function nrrdHeader(path: string, bytes: Buffer): NrrdHeader {
  const fields = new Map<string, string>();
  const pairs = new Map<string, string>();
  for (let offset = 0, number = 1; offset < bytes.length; number++) {
    const newline = bytes.indexOf(10, offset);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.toString("latin1", offset, end).replace(/\r$/, "");
    offset = end + 1;
    if (number === 1) checkMagic(path, line);
    else if (line === "") return { fields, pairs, listed: [], end: offset };
    else if (!line.startsWith("#")) addLine(path, line, number, fields, pairs);
    if (/^LIST(\s|$)/.test(fields.get("data file") ?? ""))
      return { fields, pairs, listed: linesFrom(bytes, offset), end: undefined };
  }
  return { fields, pairs, listed: [], end: undefined };
}

function checkMagic(path: string, line: string): void {
  if (!/^NRRD000[1-5]\s*$/.test(line)) {
    throw new FileError(path, "a NRRD header of version 1 to 5", JSON.stringify(line.slice(0, 20)));
  }
}

function addLine(
  path: string,
  line: string,
  number: number,
  fields: Map<string, string>,
  pairs: Map<string, string>,
): void {
  const colon = line.indexOf(":");
  if (colon > 0 && line[colon + 1] === "=") {
    pairs.set(line.slice(0, colon), line.slice(colon + 2));
    return;
  }
  if (colon <= 0) throw new FileError(path, `a NRRD field on line ${number}`, JSON.stringify(line.slice(0, 60)));
  const name = line.slice(0, colon).trim().toLowerCase();
  const field = otherNames[name.replaceAll(" ", "")] ?? name;
  if (fields.has(field)) throw new FileError(path, `one field ${field}`, "two");
  fields.set(field, line.slice(colon + 1).trim());
}

function linesFrom(bytes: Buffer, offset: number): string[] {
  const lines = bytes.toString("latin1", offset).split("\n");
  return lines.map((line) => line.trim()).filter((line) => line !== "");
}

/** The field's words; none where it is missing. Vectors in brackets and texts in quotes are one word each. */
export function wordsOf({ fields }: NrrdHeader, field: string): string[] {
  return fields.get(field)?.match(/\([^)]*\)|"[^"]*"|[^\s"(]+/g) ?? [];
}

/** The field's number; `otherwise` where it is missing. Anything but a whole number is a FileError. */
export function wholeNumberOf(path: string, { fields }: NrrdHeader, field: string, otherwise?: number): number {
  const text = fields.get(field);
  if (text === undefined && otherwise !== undefined) return otherwise;
  if (text !== undefined && /^[+-]?\d+$/.test(text)) return Number(text);
  throw new FileError(
    path,
    `a whole number as ${field}`,
    text === undefined ? "none" : JSON.stringify(text.slice(0, 60)),
  );
}
