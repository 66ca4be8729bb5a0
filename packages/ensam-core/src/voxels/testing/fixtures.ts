import { readFileSync } from "node:fs";
import { unzipSync } from "fflate";
import type { Zyx } from "../../geometry/index.ts";
import type { Grid, VoxelArray } from "../grid.ts";

/**
 * An array of an npz fixture: enough of the format for these tests, apart from the files room they do not depend on.
 */
export interface FixtureArray {
  readonly data: VoxelArray;
  readonly shape: readonly number[];
}

export function readJsonFixture<Content>(url: URL): Content {
  return JSON.parse(readFileSync(url, "utf8")) as Content;
}

export function readNpzFixture(url: URL): Map<string, FixtureArray> {
  const members = unzipSync(readFileSync(url));
  return new Map(
    Object.entries(members)
      .filter(([, bytes]) => !bytes.subarray(0, 200).toString().includes("|O"))
      .map(([name, bytes]) => [name.replace(/\.npy$/, ""), parseNpy(bytes)]),
  );
}

/** The array as a grid; its values of the type the file has. */
export function gridOf<Data extends VoxelArray>(arrays: Map<string, FixtureArray>, name: string): Grid<Data> {
  const array = arrays.get(name);
  if (array === undefined) throw new Error(`fixture: expected ${name}, got ${[...arrays.keys()]}`);
  return { data: array.data as Data, shape: array.shape as unknown as Zyx };
}

const arrayTypes = {
  "|u1": Uint8Array,
  "|i1": Int8Array,
  "<u2": Uint16Array,
  "<i2": Int16Array,
  "<u4": Uint32Array,
  "<i4": Int32Array,
  "<f4": Float32Array,
  "<f8": Float64Array,
} as const;

function parseNpy(bytes: Uint8Array): FixtureArray {
  const headerEnd = 10 + bytes[8]! + 256 * bytes[9]!;
  const header = new TextDecoder().decode(bytes.subarray(10, headerEnd));
  const type = /'descr': '([^']+)'/.exec(header)![1] as keyof typeof arrayTypes;
  const shape = /'shape': \(([^)]*)\)/
    .exec(header)![1]!
    .split(",")
    .filter((size) => size.trim() !== "")
    .map(Number);
  const ArrayType = arrayTypes[type] as new (buffer: ArrayBuffer) => VoxelArray;
  return { data: new ArrayType(bytes.slice(headerEnd).buffer as ArrayBuffer), shape };
}
