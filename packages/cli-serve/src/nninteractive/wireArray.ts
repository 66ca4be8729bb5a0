import { decodeArray, type NpyArray } from "@ensam/core/files";
import type { VoxelArray } from "@ensam/core/voxels";
import { HttpError } from "../viewerRequest.ts";
import { ChunkError, decodeChunk, storedChunk } from "./blosc2.ts";

/** An array as it goes over the line: C order, little-endian. */
export interface WireArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** In memory of its own, so that any typed array can be laid over it. */
  readonly bytes: Uint8Array;
}

/** numpy's types: its letter for the kind, and bytes. */
const typeOf: Readonly<Record<string, { readonly kind: string; readonly itemBytes: number }>> = {
  bool: { kind: "b", itemBytes: 1 },
  uint8: { kind: "u", itemBytes: 1 },
  int8: { kind: "i", itemBytes: 1 },
  uint16: { kind: "u", itemBytes: 2 },
  int16: { kind: "i", itemBytes: 2 },
  float16: { kind: "f", itemBytes: 2 },
  uint32: { kind: "u", itemBytes: 4 },
  int32: { kind: "i", itemBytes: 4 },
  float32: { kind: "f", itemBytes: 4 },
  uint64: { kind: "u", itemBytes: 8 },
  int64: { kind: "i", itemBytes: 8 },
  float64: { kind: "f", itemBytes: 8 },
};
const magic = "NNIA";
const zstd = 1;
const mostChunkBytes = 2 ** 30;

export function bytesOfType(dtype: string): number | undefined {
  return Object.hasOwn(typeOf, dtype) ? typeOf[dtype]!.itemBytes : undefined;
}

/**
 * Reads an array in nnInteractive's form: "NNIA", version 1, codec, axes, type name, shape, and blosc2 chunks.
 *
 * @param limit  bytes that it may take unpacked; more is an HttpError 413
 * @throws HttpError 400 for other bytes
 */
export function decodeWireArray(body: Buffer, limit: number): WireArray {
  let offset = 0;
  const take = (count: number, what: string): Buffer => {
    if (offset + count > body.length)
      throw new HttpError(400, `array: expected ${what}, got the end after ${body.length} bytes`);
    offset += count;
    return body.subarray(offset - count, offset);
  };
  const head = take(8, "a header");
  if (head.toString("latin1", 0, 4) !== magic || head[4] !== 1) {
    throw new HttpError(400, "array: expected the bytes NNIA and version 1, got others");
  }
  if (head[5] !== zstd) throw new HttpError(400, `array: expected codec 1 (zstd), got ${head[5]}`);
  const dtype = take(head[7]!, "a type").toString("latin1");
  const itemBytes = bytesOfType(dtype);
  if (itemBytes === undefined) {
    throw new HttpError(
      400,
      `array: expected one of ${Object.keys(typeOf)}, got ${JSON.stringify(dtype.slice(0, 20))}`,
    );
  }
  const axes = head[6]!;
  if (axes > 8) throw new HttpError(400, `array: expected at most 8 axes, got ${axes}`);
  const shape = Array.from({ length: axes }, () => Number(take(8, "a shape").readBigInt64LE()));
  if (shape.some((size) => size < 1))
    throw new HttpError(400, `array: expected voxels along each axis, got [${shape}]`);
  const size = shape.reduce((product, length) => product * length, itemBytes);
  if (size > limit) {
    const mib = (bytes: number) => Math.ceil(bytes / 2 ** 20);
    throw new HttpError(413, `array: expected at most ${mib(limit)} MiB unpacked (--max-image), got ${mib(size)} MiB`);
  }
  const chunks = take(4, "a number of chunks").readUInt32LE();
  if (chunks > Math.ceil(size / itemBytes))
    throw new HttpError(400, `array: expected chunks with items, got ${chunks}`);
  const parts: { chunk: Buffer; start: number; end: number }[] = [];
  let filled = 0;
  for (let i = 0; i < chunks; i++) {
    const sizes = take(16, "the size of a chunk");
    const [unpacked, packed] = [Number(sizes.readBigUInt64LE(0)), Number(sizes.readBigUInt64LE(8))];
    if (filled + unpacked > size) throw new HttpError(400, `array: expected ${size} bytes, got more`);
    parts.push({ chunk: take(packed, "a chunk"), start: filled, end: filled + unpacked });
    filled += unpacked;
  }
  if (filled !== size || offset !== body.length) {
    throw new HttpError(
      400,
      `array: expected ${size} bytes and then the end, got ${filled} and ${body.length - offset} more`,
    );
  }
  // Memory is taken only when the sizes agree.
  const bytes = new Uint8Array(size);
  try {
    for (const { chunk, start, end } of parts) decodeChunk(chunk, bytes.subarray(start, end));
  } catch (error) {
    if (!(error instanceof ChunkError)) throw error;
    throw new HttpError(400, `array: ${error.message}`);
  }
  return { dtype, shape, bytes };
}

/** Writes an array in the same form, stored: the reply as a whole is packed. */
export function encodeWireArray({ dtype, shape, bytes }: WireArray): Buffer {
  const itemBytes = bytesOfType(dtype)!;
  const name = Buffer.from(dtype, "latin1");
  const chunks: Buffer[] = [];
  for (let start = 0; start < bytes.length; start += mostChunkBytes) {
    const part = bytes.subarray(start, start + mostChunkBytes);
    const chunk = storedChunk(part, itemBytes);
    const sizes = Buffer.alloc(16);
    sizes.writeBigUInt64LE(BigInt(part.length), 0);
    sizes.writeBigUInt64LE(BigInt(chunk.length), 8);
    chunks.push(sizes, chunk);
  }
  const head = Buffer.alloc(8 + name.length + 8 * shape.length + 4);
  head.write(magic, "latin1");
  head.set([1, zstd, shape.length, name.length], 4);
  head.set(name, 8);
  shape.forEach((size, axis) => {
    head.writeBigInt64LE(BigInt(size), 8 + name.length + 8 * axis);
  });
  head.writeUInt32LE(chunks.length / 2, head.length - 4);
  return Buffer.concat([head, ...chunks]);
}

/** The array's values in a type that voxels have. @throws FileError for 64-bit integers beyond exact numbers */
export function voxelsOf({ dtype, shape, bytes }: WireArray): VoxelArray {
  const { kind } = typeOf[dtype]!;
  const payload = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return (decodeArray("image", `<${kind}${bytesOfType(dtype)}`, shape, false, payload) as NpyArray).data as VoxelArray;
}
