import type { VoxelArray } from "../voxels/index.ts";
import type { NpyArray, NpyValue } from "./pythonValues.ts";
import { writePickle } from "./writePickle.ts";

/** The numpy array of these numbers; its dtype follows from the typed array. */
export function npyArray(data: VoxelArray, shape: readonly number[]): NpyArray {
  return { dtype: dtypeOf(data), shape, data };
}

/** The bytes of an npy file, version 1.0, C order, its header padded to 64 bytes, in two pieces: header and payload. */
export function encodeNpy(value: NpyValue): Uint8Array[] {
  const payload = "objects" in value ? writePickle(value) : "text" in value ? textBytes(value) : numberBytes(value);
  const shape = `(${value.shape.join(", ")}${value.shape.length === 1 ? "," : ""})`;
  const text = `{'descr': '${value.dtype}', 'fortran_order': False, 'shape': ${shape}, }`;
  const length = Math.ceil((10 + text.length + 1) / 64) * 64 - 10;
  const header = Buffer.alloc(10 + length, " ");
  header.write("\x93NUMPY\x01\x00", 0, "latin1");
  header.writeUInt16LE(length, 8);
  header.write(text, 10, "latin1");
  header.write("\n", 10 + length - 1, "latin1");
  return [header, payload];
}

function dtypeOf(data: VoxelArray): string {
  if (data instanceof Uint8Array) return "|u1";
  if (data instanceof Int8Array) return "|i1";
  const kind = data instanceof Float32Array || data instanceof Float64Array ? "f" : isUnsigned(data) ? "u" : "i";
  return `<${kind}${data.BYTES_PER_ELEMENT}`;
}

function isUnsigned(data: VoxelArray): boolean {
  return data instanceof Uint16Array || data instanceof Uint32Array;
}

function numberBytes({ data, dtype, shape }: NpyArray): Uint8Array {
  const count = shape.reduce((product, length) => product * length, 1);
  if (count !== data.length)
    throw new RangeError(`npy: expected ${count} values for shape [${shape}], got ${data.length}`);
  if (dtype === "<i8" || dtype === "<u8") return bytesOf(BigInt64Array.from(data as Float64Array, BigInt));
  const isBool = dtype === "|b1" && data instanceof Uint8Array;
  if (!isBool && dtype !== dtypeOf(data))
    throw new RangeError(`npy: expected ${dtypeOf(data)} for these numbers, got ${dtype}`);
  return bytesOf(data);
}

function textBytes({ dtype, text }: { readonly dtype: string; readonly text: readonly string[] }): Uint8Array {
  const width = Number(dtype.slice(2));
  const codes = new Uint32Array(width * text.length);
  for (const [index, item] of text.entries()) {
    const points = [...item];
    if (points.length > width)
      throw new RangeError(`npy: expected at most ${width} characters, got ${JSON.stringify(item)}`);
    for (const [place, point] of points.entries()) codes[index * width + place] = point.codePointAt(0)!;
  }
  return bytesOf(codes);
}

function bytesOf(data: { buffer: ArrayBufferLike; byteOffset: number; byteLength: number }): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}
