import { existsSync, readFileSync, statSync } from "node:fs";
import { exactNumbers, view } from "./decodeArray.ts";
import { describeValue } from "./describeValue.ts";
import { asFileError, FileError } from "./fileError.ts";
import { fromHalf, toHalf } from "./halfFloat.ts";
import { statRegularFileSync } from "./regularFile.ts";
import { writeFileAtomically } from "./writeFileAtomically.ts";

export type TensorData = Float32Array | Float64Array | Int32Array | Uint8Array;

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** Named tensors and their text metadata, as a .safetensors file holds them. */
export interface Safetensors {
  readonly tensors: Record<string, StoredTensor>;
  readonly metadata: Record<string, string>;
}

const bytesPerValue: Readonly<Record<string, number | undefined>> = { F64: 8, I64: 8, F32: 4, I32: 4, F16: 2, U8: 1 };
/** The order in which the safetensors package lays out types, widest first, so that every tensor is aligned. */
const layoutOrder = ["F64", "F32", "I32", "F16", "U8"];
const longestHeader = 100_000_000;

/** The tensors in a .safetensors file, or in its bytes; I64 becomes exact float64, F16 float32. Throws a FileError where the layout is not sound. */
export function readSafetensors(source: string | Uint8Array): Safetensors {
  const where = typeof source === "string" ? source : "safetensors";
  let bytes: Buffer;
  if (typeof source === "string") {
    statRegularFileSync(source, "a safetensors file that can be read");
    try {
      bytes = readFileSync(source);
    } catch (error) {
      throw asFileError(source, "a safetensors file that can be read", error);
    }
  } else {
    bytes = Buffer.from(source.buffer, source.byteOffset, source.byteLength);
  }
  return decodeSafetensors(where, bytes);
}

/** The same, or `undefined` where the path is not a file. */
export function readSafetensorsIfThere(path: string): Safetensors | undefined {
  return existsSync(path) && statSync(path).isFile() ? readSafetensors(path) : undefined;
}

export interface EncodeOptions {
  /** Whether float32 tensors are rounded to halves: half the bytes. @default false */
  readonly half?: boolean;
}

/** Writes a .safetensors file, atomically, with the bytes that `encodeSafetensors` gives. */
export async function writeSafetensors(
  path: string,
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
  options: EncodeOptions = {},
): Promise<void> {
  await writeFileAtomically(path, encodeSafetensors(tensors, metadata, options));
}

/**
 * The bytes of a .safetensors file: the header's length in 8 bytes, a JSON header padded with spaces to a multiple of
 * 8, the values. Tensors lie by width of type, then by name, as the safetensors package lays them; equal content gives
 * equal bytes.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
  { half = false }: EncodeOptions = {},
): Uint8Array {
  const stored = Object.fromEntries(
    Object.entries(tensors).map(([name, { data }]) => [
      name,
      half && data instanceof Float32Array ? toHalf(data) : data,
    ]),
  );
  const rank = (name: string): number => layoutOrder.indexOf(typeOf(stored[name]!));
  const names = Object.keys(tensors).sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
  const fields: [string, unknown][] = [];
  if (Object.keys(metadata).length > 0) {
    fields.push(["__metadata__", Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)))]);
  }
  let end = 0;
  for (const name of names) {
    const { shape } = tensors[name]!;
    const data = stored[name]!;
    const count = shape.reduce((product, length) => product * length, 1);
    if (count !== data.length) {
      throw new RangeError(`safetensors: ${name}: expected ${count} values for shape [${shape}], got ${data.length}`);
    }
    const start = end;
    end += data.byteLength;
    fields.push([name, { dtype: typeOf(data), shape, data_offsets: [start, end] }]);
  }
  const text = Buffer.from(
    `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${JSON.stringify(field)}`).join(",")}}`,
  );
  const headerLength = Math.ceil(text.length / 8) * 8;
  const bytes = Buffer.alloc(8 + headerLength + end, " ");
  bytes.writeBigUInt64LE(BigInt(headerLength), 0);
  text.copy(bytes, 8);
  let offset = 8 + headerLength;
  for (const name of names) {
    const data = stored[name]!;
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

function typeOf(data: TensorData | Uint16Array): string {
  if (data instanceof Float64Array) return "F64";
  if (data instanceof Uint16Array) return "F16";
  if (data instanceof Float32Array) return "F32";
  return data instanceof Int32Array ? "I32" : "U8";
}

/** What a file is that was given as weights and is none of ours, told by its first bytes: the formats that weights come in. */
function otherFormat(bytes: Buffer): string | undefined {
  const start = bytes.toString("latin1", 0, 8);
  const pytorch = "PyTorch's (.pt, .pth); in Python, safetensors.torch.save_file writes its tensors";
  if (start.startsWith("PK\x03\x04")) return `a zip archive, most likely ${pytorch}`;
  const [a = 0, b = 0, c = 0] = bytes;
  if (a === 0x80 && b >= 2 && b <= 5) return `a pickle, most likely ${pytorch}`;
  if (start.startsWith("\x89HDF")) return "an HDF5 file, such as Keras' (.h5)";
  if (start.startsWith("GGUF")) return "a GGUF file";
  if (start.startsWith("\x1f\x8b")) return "a gzip archive";
  return a === 8 && b <= 32 && c === 0x12 ? "an ONNX file" : undefined;
}

function decodeSafetensors(where: string, bytes: Buffer): Safetensors {
  const other = otherFormat(bytes);
  if (other !== undefined) throw new FileError(where, "a safetensors file", other);
  if (bytes.length < 8) throw new FileError(where, "a safetensors file", `${bytes.length} bytes`);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const dataStart = 8 + headerLength;
  if (headerLength > longestHeader || dataStart > bytes.length) {
    throw new FileError(
      where,
      "a safetensors header inside the file",
      `a header of ${headerLength} bytes in ${bytes.length}`,
    );
  }
  const header = parseHeader(where, bytes.toString("utf8", 8, dataStart));
  const { __metadata__: metadata = {}, ...entries } = header;
  const values = bytes.subarray(dataStart);
  checkCoverage(where, entries, values.length);
  const tensors = Object.entries(entries).map(([name, entry]): [string, StoredTensor] => {
    return [name, decodeTensor(`${where}: ${name}`, checkEntry(`${where}: ${name}`, entry), values)];
  });
  return { tensors: Object.fromEntries(tensors), metadata: checkMetadata(where, metadata) };
}

interface TensorEntry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

function parseHeader(where: string, text: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(text);
    if (typeof header === "object" && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new FileError(where, "a safetensors header in JSON", JSON.stringify(text.slice(0, 60)));
}

function checkEntry(where: string, entry: unknown): TensorEntry {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (typeof entry === "object" && entry !== null ? entry : {}) as Record<string, unknown>;
  const areCounts = (value: unknown): value is number[] => {
    return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
  };
  if (typeof dtype !== "string" || !areCounts(shape) || !areCounts(offsets) || offsets.length !== 2) {
    throw new FileError(where, "dtype, shape and data_offsets", describeValue(entry));
  }
  const width = bytesPerValue[dtype];
  if (width === undefined) throw new FileError(where, `dtype ${Object.keys(bytesPerValue).join(", ")}`, dtype);
  const size = shape.reduce((product, length) => product * length, width);
  if (offsets[1]! - offsets[0]! !== size) {
    throw new FileError(where, `${size} bytes for ${dtype} of shape [${shape}]`, `${offsets[1]! - offsets[0]!}`);
  }
  return { dtype, shape, data_offsets: [offsets[0]!, offsets[1]!] };
}

/** Tensors must follow each other without gap or overlap and end where the file ends. */
function checkCoverage(where: string, entries: Readonly<Record<string, unknown>>, size: number): void {
  const places = Object.entries(entries)
    .map(([name, entry]) => ({ name, offsets: checkEntry(`${where}: ${name}`, entry).data_offsets }))
    .sort((a, b) => a.offsets[0] - b.offsets[0] || a.offsets[1] - b.offsets[1]);
  let end = 0;
  for (const { name, offsets } of places) {
    if (offsets[0] !== end)
      throw new FileError(`${where}: ${name}`, `a tensor that starts at byte ${end}`, `${offsets[0]}`);
    end = offsets[1];
  }
  if (end !== size) throw new FileError(where, `${end} bytes of values`, `${size}`);
}

function checkMetadata(where: string, metadata: unknown): Record<string, string> {
  const isText =
    typeof metadata === "object" &&
    metadata !== null &&
    Object.values(metadata).every((value) => typeof value === "string");
  if (!isText) throw new FileError(where, "metadata that maps text to text", describeValue(metadata));
  return metadata as Record<string, string>;
}

function decodeTensor(
  where: string,
  { dtype, shape, data_offsets: [start, end] }: TensorEntry,
  values: Buffer,
): StoredTensor {
  const bytes = values.subarray(start, end);
  switch (dtype) {
    case "F64":
      return { shape, data: view(Float64Array, bytes) };
    case "F32":
      return { shape, data: view(Float32Array, bytes) };
    case "I32":
      return { shape, data: view(Int32Array, bytes) };
    case "F16":
      return { shape, data: fromHalf(view(Uint16Array, bytes)) };
    case "I64":
      return { shape, data: exactNumbers(where, view(BigInt64Array, bytes)) };
    default:
      return { shape, data: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length) };
  }
}
