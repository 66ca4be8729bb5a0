import type { VoxelArray } from "../voxels/index.ts";
import { FileError } from "./fileError.ts";
import { fromHalf } from "./halfFloat.ts";
import type { NpyArray, TextArray } from "./pythonValues.ts";

/** The array of `shape` in raw bytes of numpy type `descr`, copied only where type, byte order, axis order or alignment ask for it. */
export function decodeArray(
  where: string,
  descr: string,
  shape: readonly number[],
  isFortran: boolean,
  payload: Buffer,
): NpyArray | TextArray {
  const match = /^([<>|=]?)([biufU])(\d+)$/.exec(descr);
  if (!match) throw new FileError(where, "a bool, integer, float, text or object array", `dtype ${descr}`);
  const [, order, kind, digits] = match as unknown as [string, string, string, string];
  const itemSize = Number(digits) * (kind === "U" ? 4 : 1);
  const count = shape.reduce((product, length) => product * length, 1);
  if (payload.length !== count * itemSize) {
    throw new FileError(where, `${count * itemSize} bytes for shape [${shape}] of ${descr}`, `${payload.length}`);
  }
  const isSwapped = order === ">" && itemSize > 1;
  if (kind === "U") {
    const text = readText(payload, count, Number(digits), isSwapped);
    return { dtype: `<U${digits}`, shape, text: isFortran ? fromFortran(text, shape, new Array<string>(count)) : text };
  }
  const data = readNumbers(where, kind + digits, isSwapped ? swapped(payload, itemSize) : payload);
  const dtype = (itemSize === 1 ? "|" : "<") + kind + digits;
  const isReordered = isFortran && shape.filter((length) => length > 1).length > 1;
  return { dtype, shape, data: isReordered ? fromFortran(data, shape, data.slice()) : data };
}

function readNumbers(where: string, type: string, bytes: Buffer): VoxelArray {
  switch (type) {
    case "b1":
    case "u1":
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    case "i1":
      return new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    case "u2":
      return view(Uint16Array, bytes);
    case "i2":
      return view(Int16Array, bytes);
    case "u4":
      return view(Uint32Array, bytes);
    case "i4":
      return view(Int32Array, bytes);
    case "u8":
      return exactNumbers(where, view(BigUint64Array, bytes));
    case "i8":
      return exactNumbers(where, view(BigInt64Array, bytes));
    case "f2":
      return fromHalf(view(Uint16Array, bytes));
    case "f4":
      return view(Float32Array, bytes);
    case "f8":
      return view(Float64Array, bytes);
    default:
      throw new FileError(where, "integers up to 64 bits or floats of 16, 32 or 64 bits", `dtype ${type}`);
  }
}

interface ViewConstructor<Data> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): Data;
}

/** The bytes seen as numbers (this machine is little-endian, as every one Node runs on); copied if they are not aligned. */
export function view<Data>(type: ViewConstructor<Data>, bytes: Buffer): Data {
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : copyOf(bytes);
  return new type(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / type.BYTES_PER_ELEMENT));
}

/** The bytes with each item of `itemSize` bytes turned round, in a new buffer. */
export function swapped(bytes: Buffer, itemSize: number): Buffer {
  const copy = copyOf(bytes);
  if (itemSize === 2) return copy.swap16();
  if (itemSize === 4) return copy.swap32();
  return itemSize === 8 ? copy.swap64() : copy;
}

function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(copy);
  return copy;
}

/** 64-bit integers as exact doubles; one beyond 2^53 is a FileError that says where it is. */
export function exactNumbers(where: string, values: BigInt64Array | BigUint64Array): Float64Array {
  const numbers = new Float64Array(values.length);
  for (let index = 0; index < values.length; index++) {
    const number = Number(values[index]!);
    if (!Number.isSafeInteger(number)) {
      throw new FileError(where, "integers of at most 2^53", `${values[index]} at flat index ${index}`);
    }
    numbers[index] = number;
  }
  return numbers;
}

function readText(bytes: Buffer, count: number, width: number, isSwapped: boolean): string[] {
  return Array.from({ length: count }, (_, index) => {
    let text = "";
    for (let offset = index * width * 4; offset < (index + 1) * width * 4; offset += 4) {
      const code = isSwapped ? bytes.readUInt32BE(offset) : bytes.readUInt32LE(offset);
      text += String.fromCodePoint(code);
    }
    return text.replace(/\0+$/, "");
  });
}

/** Moves values from Fortran order (first axis fastest) to C order (last axis fastest) into `target`. */
function fromFortran<Data extends { [index: number]: number | string }>(
  source: Data,
  shape: readonly number[],
  target: Data,
): Data {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, length) => product * length, 1));
  const count = shape.reduce((product, length) => product * length, 1);
  const position = new Array<number>(shape.length).fill(0);
  for (let index = 0, from = 0; index < count; index++) {
    target[index] = source[from]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      from -= position[axis]! * strides[axis]!;
      position[axis] = 0;
    }
  }
  return target;
}
