import { FileError } from "./fileError.ts";

/** A MetaImage header: its fields by lower-case name, values as written, and where it ends. */
export interface MetaHeader {
  readonly fields: ReadonlyMap<string, string>;
  /** The lines after `ElementDataFile = LIST`. */
  readonly listed: readonly string[];
  /** The byte after the line `ElementDataFile`, which is the last. */
  readonly end: number;
}

/**
 * The header in the first bytes of a MetaImage file, lines `Name = value` up to `ElementDataFile`, decoded as latin1 so
 * that the bytes of file names are kept; lines may end in CR LF. A line without `=` before that is a FileError.
 */
export function metaHeader(path: string, bytes: Buffer): MetaHeader {
  const fields = new Map<string, string>();
  for (let offset = 0, number = 1; offset < bytes.length; number++) {
    const newline = bytes.indexOf(10, offset);
    const end = newline < 0 ? bytes.length : newline;
    const line = bytes.toString("latin1", offset, end).trim();
    offset = end + 1;
    if (line === "") continue;
    const equals = line.indexOf("=");
    if (equals <= 0) {
      throw new FileError(path, `a MetaImage field on line ${number}`, JSON.stringify(line.slice(0, 60)));
    }
    const name = line.slice(0, equals).trim().toLowerCase();
    if (fields.has(name)) throw new FileError(path, `one field ${line.slice(0, equals).trim()}`, "two");
    fields.set(name, line.slice(equals + 1).trim());
    if (name === "elementdatafile") return { fields, listed: listedNames(line, bytes, offset), end: offset };
  }
  throw new FileError(path, "a MetaImage header that ends with ElementDataFile", "none");
}

/** Whether these first bytes are those of a MetaImage header: fields, one of them `NDims`. */
export function isMetaImage(bytes: Buffer): boolean {
  for (const line of bytes.toString("latin1").split("\n")) {
    if (/^\s*NDims\s*=/i.test(line)) return true;
    if (!/^\s*(\w+\s*=.*)?$/.test(line.replace(/\r$/, ""))) return false;
  }
  return false;
}

function listedNames(line: string, bytes: Buffer, offset: number): string[] {
  if (!/=\s*LIST(\s|$)/.test(line)) return [];
  const lines = bytes.toString("latin1", offset).split("\n");
  return lines.map((name) => name.trim()).filter((name) => name !== "");
}

/** The finite numbers of a field, `count` of them; undefined where the field is missing. Anything else is a FileError. */
export function metaNumbers(
  path: string,
  { fields }: MetaHeader,
  names: readonly string[],
  count: number,
): number[] | undefined {
  const name = names.find((candidate) => fields.has(candidate.toLowerCase()));
  if (name === undefined) return undefined;
  const words = fields
    .get(name.toLowerCase())!
    .split(/[\s,]+/)
    .filter((word) => word !== "");
  const values = words.map(Number);
  if (values.length === count && values.every(Number.isFinite)) return values;
  throw new FileError(
    path,
    `${count} numbers as ${name}`,
    JSON.stringify(fields.get(name.toLowerCase())!.slice(0, 60)),
  );
}

/** The field as true or false, by its first letter or digit as MetaIO takes it; `otherwise` where it is missing. */
export function metaFlag(path: string, { fields }: MetaHeader, names: readonly string[], otherwise: boolean): boolean {
  const name = names.find((candidate) => fields.has(candidate.toLowerCase()));
  if (name === undefined) return otherwise;
  const value = fields.get(name.toLowerCase())!;
  if (/^[ty1]/i.test(value)) return true;
  if (/^[fn0]/i.test(value)) return false;
  throw new FileError(path, `True or False as ${name}`, JSON.stringify(value.slice(0, 60)));
}
