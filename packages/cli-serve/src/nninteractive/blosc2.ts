import { decompress } from "fzstd";

/** What of a chunk cannot be read. */
export class ChunkError extends Error {}

const headerBytes = 32;
const zstdCodec = 4;
const zstdMagic = 0xfd2fb528;

/**
 * Decodes a blosc2 chunk (format 5, extended header) as nnInteractive's client writes it: zstd or stored, byte shuffle
 * or no filter, or one of the special values.
 *
 * @param out  takes the bytes; its length is what the chunk has to hold
 * @throws ChunkError for damaged or other chunks
 */
export function decodeChunk(chunk: Buffer, out: Uint8Array): void {
  if (chunk.length < headerBytes) throw new ChunkError(`expected a header of 32 bytes, got ${chunk.length}`);
  const [version, flags, itemBytes] = [chunk[0]!, chunk[2]!, chunk[3]!];
  if (version !== 5 || (flags & 5) !== 5)
    throw new ChunkError("expected a blosc2 chunk with its long header, got another");
  const [size, blockSize, packedSize] = [chunk.readInt32LE(4), chunk.readInt32LE(8), chunk.readInt32LE(12)];
  if (size !== out.length) throw new ChunkError(`expected ${out.length} bytes, got ${size}`);
  if (packedSize !== chunk.length) throw new ChunkError(`expected a chunk of ${chunk.length} bytes, got ${packedSize}`);
  if (itemBytes === 0) throw new ChunkError("expected items of a byte or more, got 0");
  const filters = chunk.subarray(16, 22).filter((filter) => filter !== 0);
  if (filters.length > 1 || filters.some((filter) => filter !== 1)) {
    throw new ChunkError(`expected no filter or a byte shuffle, got filters ${[...filters]}`);
  }
  const special = (chunk[31]! >> 4) & 7;
  if (special !== 0) {
    fillSpecial(special, chunk.subarray(headerBytes), itemBytes, out);
    return;
  }
  if (flags & 2) {
    if (chunk.length !== headerBytes + size) throw new ChunkError(`expected ${size} stored bytes, got another number`);
    out.set(chunk.subarray(headerBytes));
    return;
  }
  if (flags >> 5 !== zstdCodec) throw new ChunkError(`expected zstd (codec 4), got codec ${flags >> 5}`);
  if (blockSize < 1) throw new ChunkError(`expected blocks of a byte or more, got ${blockSize}`);
  const isSplit = (flags & 0x10) === 0;
  const isShuffled = filters.length === 1 && itemBytes > 1;
  const blocks = Math.ceil(size / blockSize);
  if (headerBytes + 4 * blocks > chunk.length) throw new ChunkError(`expected ${blocks} blocks, got fewer bytes`);
  for (let block = 0; block < blocks; block++) {
    const target = out.subarray(block * blockSize, Math.min(size, (block + 1) * blockSize));
    const isShort = target.length < blockSize;
    const streams = isSplit && !isShort ? itemBytes : 1;
    const raw = isShuffled ? new Uint8Array(target.length) : target;
    readStreams(chunk, chunk.readInt32LE(headerBytes + 4 * block), streams, raw);
    if (isShuffled) unshuffle(raw, itemBytes, target);
  }
}

/** A chunk that holds the bytes as they are: what blosc2 itself writes when nothing can be gained. */
export function storedChunk(bytes: Uint8Array, itemBytes: number): Buffer {
  const chunk = Buffer.alloc(headerBytes + bytes.length);
  chunk.set([5, 1, 0x97, itemBytes]);
  chunk.writeInt32LE(bytes.length, 4);
  chunk.writeInt32LE(bytes.length, 8);
  chunk.writeInt32LE(chunk.length, 12);
  chunk.set(bytes, headerBytes);
  return chunk;
}

function fillSpecial(special: number, value: Buffer, itemBytes: number, out: Uint8Array): void {
  if (special === 1) {
    if (value.length > 0) throw new ChunkError("expected nothing after the header of zeros, got bytes");
    out.fill(0);
    return;
  }
  const item = special === 2 ? nan(itemBytes) : value;
  if (special > 3 || item.length !== itemBytes || out.length % itemBytes !== 0) {
    throw new ChunkError(`expected a special value 1 to 3 of ${itemBytes} bytes, got ${special} of ${item.length}`);
  }
  for (let offset = 0; offset < out.length; offset += itemBytes) out.set(item, offset);
}

function nan(itemBytes: number): Buffer {
  const item = Buffer.alloc(itemBytes);
  if (itemBytes === 8) item.writeDoubleLE(Number.NaN);
  else if (itemBytes === 4) item.writeFloatLE(Number.NaN);
  else if (itemBytes === 2) item.writeUInt16LE(0x7e00);
  else throw new ChunkError(`expected floats with NaN, got items of ${itemBytes} bytes`);
  return item;
}

/** Streams of a block: zeros, a run of one byte, stored bytes, or zstd. */
function readStreams(chunk: Buffer, start: number, streams: number, raw: Uint8Array): void {
  if (raw.length % streams !== 0) throw new ChunkError(`expected a block of whole items, got ${raw.length} bytes`);
  const length = raw.length / streams;
  let offset = start;
  const need = (bytes: number) => {
    if (offset < headerBytes || offset + bytes > chunk.length)
      throw new ChunkError("expected a block inside the chunk, got one beyond");
  };
  for (let stream = 0; stream < streams; stream++) {
    need(4);
    const packed = chunk.readInt32LE(offset);
    offset += 4;
    const target = raw.subarray(stream * length, (stream + 1) * length);
    if (packed === 0) target.fill(0);
    else if (packed < 0) {
      need(1);
      if (packed < -255) throw new ChunkError(`expected a run of a byte, got ${-packed}`);
      offset += 1;
      target.fill(-packed);
    } else {
      need(packed);
      const bytes = chunk.subarray(offset, offset + packed);
      if (packed === length) target.set(bytes);
      else inflate(bytes, target);
      offset += packed;
    }
  }
}

/** One whole zstd frame into its place. */
function inflate(bytes: Buffer, target: Uint8Array): void {
  checkFrame(bytes, target.length);
  // The decoder does not say how much it wrote; it writes from the start on, so the last byte tells.
  for (const mark of [0xa5, 0x5a]) {
    target.fill(mark);
    try {
      decompress(bytes, target);
    } catch (error) {
      throw new ChunkError(`expected zstd, got ${(error as Error).message}`);
    }
    if (target.at(-1) !== mark) return;
  }
  throw new ChunkError(`expected ${target.length} bytes in a zstd frame, got fewer`);
}

/**
 * Checks that the bytes are one zstd frame (RFC 8878, 3.1.1) which states `size` as its content and ends where they
 * end, so that no frame takes more memory than its voxels need.
 */
function checkFrame(bytes: Buffer, size: number): void {
  const refuse = () => new ChunkError(`expected one zstd frame of ${size} bytes, got other bytes`);
  if (bytes.length < 9 || bytes.readUInt32LE(0) !== zstdMagic) throw refuse();
  const descriptor = bytes[4]!;
  const isSingle = (descriptor & 0x20) !== 0;
  const code = descriptor >> 6;
  if (descriptor & 0x0b) throw refuse();
  let offset = isSingle ? 5 : 6;
  const sizeBytes = code === 0 ? Number(isSingle) : 2 ** code;
  if (sizeBytes === 0 || offset + sizeBytes > bytes.length) throw refuse();
  const stated = sizeBytes === 8 ? Number(bytes.readBigUInt64LE(offset)) : bytes.readUIntLE(offset, sizeBytes);
  if (stated + (code === 1 ? 256 : 0) !== size) throw refuse();
  offset += sizeBytes;
  for (let isLast = false; !isLast; ) {
    if (offset + 3 > bytes.length) throw refuse();
    const header = bytes.readUIntLE(offset, 3);
    isLast = (header & 1) !== 0;
    const type = (header >> 1) & 3;
    if (type === 3) throw refuse();
    // A block of one repeated byte (type 1) states its length unpacked.
    offset += 3 + (type === 1 ? 1 : header >> 3);
  }
  if (offset + (descriptor & 4 ? 4 : 0) !== bytes.length) throw refuse();
}

/** Byte q of item e stands at q · items + e; bytes after the last whole item stay. */
function unshuffle(raw: Uint8Array, itemBytes: number, out: Uint8Array): void {
  const items = Math.floor(raw.length / itemBytes);
  for (let byte = 0; byte < itemBytes; byte++) {
    for (let item = 0; item < items; item++) out[item * itemBytes + byte] = raw[byte * items + item]!;
  }
  out.set(raw.subarray(items * itemBytes), items * itemBytes);
}
