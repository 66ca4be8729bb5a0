import { FileError } from "./fileError.ts";
import { decodeNpy } from "./npy.ts";
import type { NpyArray, NpyValue } from "./pythonValues.ts";
import { readZipDirectory, readZipMember } from "./readZip.ts";
import { encodeNpy } from "./writeNpy.ts";
import { writeZip } from "./writeZip.ts";

/** A numpy archive whose members are read and inflated one by one, when asked for. */
export interface NpzArchive {
  readonly path: string;
  /** The names of the members, without ".npy", in archive order. */
  keys(): string[];
  has(key: string): boolean;
  /** How many bytes the member `key` says it has when inflated; undefined without it. */
  bytes(key: string): number | undefined;
  /** The member `key`; a missing one is a FileError. */
  get(key: string): NpyValue;
  /** The member `key` if it is numeric; anything else is a FileError. */
  numbers(key: string): NpyArray;
}

/** Opens a numpy .npz archive: its list of members is read, their content is not. Rejects with a FileError. */
export async function readNpz(path: string): Promise<NpzArchive> {
  const entries = readZipDirectory(path);
  const keys = [...entries.keys()].filter((name) => name.endsWith(".npy")).map((name) => name.slice(0, -4));

  function get(key: string): NpyValue {
    const entry = entries.get(`${key}.npy`);
    if (!entry) throw new FileError(path, `the key ${JSON.stringify(key)}`, keys.length ? keys.join(", ") : "no keys");
    return decodeNpy(`${path}: ${key}`, readZipMember(path, entry));
  }

  return {
    path,
    keys: () => [...keys],
    has: (key) => keys.includes(key),
    bytes: (key) => entries.get(`${key}.npy`)?.size,
    get,
    numbers(key) {
      const value = get(key);
      if ("data" in value) return value;
      throw new FileError(`${path}: ${key}`, "numbers", "text" in value ? "text" : "Python objects");
    },
  };
}

/**
 * Writes a numpy .npz archive atomically: npy 1.0 members in the given order, deflated, with a fixed time, so that
 * equal content gives equal bytes. Object arrays are pickled as `numpy.load(allow_pickle=True)` reads them. Rejects
 * with a FileError, also from 4 GiB on.
 */
export async function writeNpz(path: string, members: Readonly<Record<string, NpyValue>>): Promise<void> {
  const files = Object.entries(members).map(([key, value]): [string, Uint8Array[]] => [`${key}.npy`, encodeNpy(value)]);
  await writeZip(path, Object.fromEntries(files));
}
