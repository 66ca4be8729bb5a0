import { decodeArray } from "./decodeArray.ts";
import { FileError } from "./fileError.ts";
import type { NpyValue, ObjectArray, PickledValue } from "./pythonValues.ts";
import { readPickle } from "./readPickle.ts";

interface NpyHeader {
  readonly descr: string;
  readonly isFortran: boolean;
  readonly shape: readonly number[];
  readonly dataStart: number;
}

/** The array in the bytes of an npy file, versions 1 to 3. `where` names it in errors. */
export function decodeNpy(where: string, bytes: Buffer): NpyValue {
  const header = parseHeader(where, bytes);
  const payload = bytes.subarray(header.dataStart);
  if (/^\|?O/.test(header.descr)) return objectArray(where, header.shape, readPickle(where, payload));
  return decodeArray(where, header.descr, header.shape, header.isFortran, payload);
}

function parseHeader(where: string, bytes: Buffer): NpyHeader {
  if (bytes.length < 10 || bytes.toString("latin1", 0, 6) !== "\x93NUMPY") {
    throw new FileError(where, "an npy array", bytes.length === 0 ? "nothing" : "other bytes");
  }
  const version = bytes[6]!;
  if (version < 1 || version > 3) throw new FileError(where, "npy version 1, 2 or 3", `version ${version}`);
  const textStart = version === 1 ? 10 : 12;
  const length = version === 1 ? bytes.readUInt16LE(8) : bytes.length < 12 ? 0 : bytes.readUInt32LE(8);
  const dataStart = textStart + length;
  const text = bytes.toString(version === 3 ? "utf8" : "latin1", textStart, dataStart);
  const descr = /'descr':\s*(?:'([^']*)'|(\[.*?\](?=\s*,\s*'(?:fortran_order|shape)')))/.exec(text);
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape':\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (dataStart > bytes.length || !descr || order === undefined || shape === undefined) {
    throw new FileError(where, "an npy header with descr, fortran_order and shape", JSON.stringify(text.slice(0, 120)));
  }
  const lengths = shape.split(",").flatMap((part) => (part.trim() === "" ? [] : [Number.parseInt(part, 10)]));
  return { descr: descr[1] ?? descr[2]!, isFortran: order === "True", shape: lengths, dataStart };
}

function objectArray(where: string, shape: readonly number[], value: PickledValue): ObjectArray {
  const count = shape.reduce((product, length) => product * length, 1);
  const isArray = typeof value === "object" && value !== null && "objects" in value && Array.isArray(value.objects);
  const found = isArray ? (value as ObjectArray) : undefined;
  if (found?.objects.length !== count) {
    throw new FileError(where, `${count} pickled objects`, found ? `${found.objects.length}` : "another pickled value");
  }
  return { dtype: "|O", shape, objects: found.objects };
}
