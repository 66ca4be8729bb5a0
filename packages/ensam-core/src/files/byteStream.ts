import { constants } from "node:buffer";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { pipeline } from "node:stream";
import { createGunzip, createUnzip } from "node:zlib";
import { asFileError, FileError, reasonOf } from "./fileError.ts";
import { isGzip } from "./isGzip.ts";
import { statRegularFile } from "./regularFile.ts";

/** A file's bytes in order, read as they are asked for, so that a file of any size takes only the memory of what is wanted. */
export interface ByteStream {
  /** The next `length` bytes, which stay to be read; fewer at the end. */
  peek(length: number): Promise<Buffer>;
  /** The next `length` bytes in memory of their own; fewer at the end. */
  take(length: number): Promise<Buffer>;
  /** All bytes that are left; more than 1 GiB is a FileError. */
  takeAll(): Promise<Buffer>;
  /** Leaves out up to `length` bytes. */
  skip(length: number): Promise<void>;
  /**
   * How many bytes are left. A gzip stream is read to its end for that, so that its checksum is verified; one that goes
   * on for more than `slack` bytes is a FileError.
   */
  finish(slack?: number): Promise<number>;
  close(): Promise<void>;
}

export interface ByteStreamOptions {
  /** How the bytes are packed; "told" (the default) is gzip if the first bytes are gzip's, else not at all. "zlib" reads gzip too. */
  readonly packing?: "told" | "none" | "gzip" | "zlib";
  /** The byte of the file to begin at, and the one to end before. */
  readonly start?: number;
  readonly end?: number | undefined;
}

/** deflate packs at most 1032 bytes into one; a little more for the headers. */
const largestRatio = 1040;
const chunkSize = 1 << 20;
/** Small enough to stay in the processor's cache until it is copied. */
const inflatedChunk = 1 << 18;
const largestRead = 1 << 30;
/** What a gzip stream may hold beyond what its file's header says; some writers pad. */
const usualSlack = 1 << 20;

/** Opens a regular file to be read once from `start` on. Rejects with a FileError. */
export async function openByteStream(path: string, options: ByteStreamOptions = {}): Promise<ByteStream> {
  const { packing = "told", start = 0 } = options;
  const { size } = await statRegularFile(path);
  const end = Math.min(size, options.end ?? size);
  const file = await open(path, "r").catch((error: unknown) => {
    throw asFileError(path, "a file that can be read", error);
  });
  const plain = new PlainBytes(path, file, start, end);
  if (packing === "none" || (packing === "told" && !isGzip(await plain.peek(2)))) return plain;
  await plain.close();
  if (start >= end) throw new FileError(path, `a ${packing} stream`, "nothing");
  return new InflatedBytes(path, packing === "zlib" ? "zlib" : "gzip", start, end);
}

class PlainBytes implements ByteStream {
  private readonly path: string;
  private readonly file: FileHandle;
  private readonly size: number;
  private offset: number;

  constructor(path: string, file: FileHandle, start: number, size: number) {
    this.path = path;
    this.file = file;
    this.offset = start;
    this.size = size;
  }

  async peek(length: number): Promise<Buffer> {
    const bytes = allocate(this.path, Math.max(0, Math.min(length, this.size - this.offset)));
    let done = 0;
    while (done < bytes.length) {
      const count = await this.readInto(bytes, done);
      if (count === 0) break; // The file became shorter.
      done += count;
    }
    return bytes.subarray(0, done);
  }

  async take(length: number): Promise<Buffer> {
    const bytes = await this.peek(length);
    this.offset += bytes.length;
    return bytes;
  }

  async takeAll(): Promise<Buffer> {
    return takeAllOf(this, this.path);
  }

  async skip(length: number): Promise<void> {
    this.offset += length;
  }

  async finish(): Promise<number> {
    return Math.max(0, this.size - this.offset);
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async readInto(bytes: Buffer, done: number): Promise<number> {
    try {
      const length = Math.min(largestRead, bytes.length - done);
      return (await this.file.read(bytes, done, length, this.offset + done)).bytesRead;
    } catch (error) {
      throw asFileError(this.path, "a file that can be read", error);
    }
  }
}

class InflatedBytes implements ByteStream {
  private readonly path: string;
  private readonly packing: string;
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly most: number;
  private pending = Buffer.alloc(0);
  private taken = 0;

  constructor(path: string, packing: "gzip" | "zlib", start: number, end: number) {
    this.path = path;
    this.packing = packing;
    this.most = (end - start) * largestRatio;
    const size = end - start;
    const options = { chunkSize: Math.min(inflatedChunk, Math.max(1 << 14, 4 * size)) }; // Small files, small buffers.
    const inflater = packing === "gzip" ? createGunzip(options) : createUnzip(options);
    const highWaterMark = Math.min(chunkSize, size);
    pipeline(createReadStream(path, { start, end: end - 1, highWaterMark }), inflater, () => undefined);
    this.chunks = inflater[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  async peek(length: number): Promise<Buffer> {
    while (this.pending.length < length) {
      const chunk = await this.next();
      if (chunk === undefined) break;
      this.pending = Buffer.concat([this.pending, chunk]);
    }
    return this.pending.subarray(0, length);
  }

  async take(length: number): Promise<Buffer> {
    const bytes = allocate(this.path, Math.max(0, Math.min(length, this.most - this.taken)));
    let done = 0;
    await this.consume(bytes.length, (chunk) => {
      done += chunk.copy(bytes, done);
    });
    return bytes.subarray(0, done);
  }

  async takeAll(): Promise<Buffer> {
    return takeAllOf(this, this.path);
  }

  async skip(length: number): Promise<void> {
    await this.consume(length, () => undefined);
  }

  async finish(slack = usualSlack): Promise<number> {
    const before = this.taken;
    await this.consume(slack + 1, () => undefined);
    const extra = this.taken - before;
    if (extra > slack) {
      throw new FileError(
        this.path,
        `at most ${before} bytes in the ${this.packing} stream, as the header says`,
        "more",
      );
    }
    return extra;
  }

  async close(): Promise<void> {
    await this.chunks.return?.();
  }

  private async consume(length: number, use: (chunk: Buffer) => void): Promise<void> {
    for (let left = length; left > 0; ) {
      const chunk = this.pending.length > 0 ? this.pending : await this.next();
      if (chunk === undefined) return;
      const part = chunk.subarray(0, left);
      this.pending = chunk.subarray(part.length) as Buffer<ArrayBuffer>;
      use(part);
      left -= part.length;
      this.taken += part.length;
    }
  }

  private async next(): Promise<Buffer | undefined> {
    try {
      const { done, value } = await this.chunks.next();
      return done === true ? undefined : value;
    } catch (error) {
      throw new FileError(this.path, `an undamaged ${this.packing} stream`, reasonOf(error), { cause: error });
    }
  }
}

async function takeAllOf(stream: ByteStream, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let total = 0;
  for (let chunk = await stream.take(chunkSize); chunk.length > 0; chunk = await stream.take(chunkSize)) {
    chunks.push(chunk);
    total += chunk.length;
    if (total > largestRead) throw new FileError(path, "at most 1 GiB here", "more");
  }
  return Buffer.concat(chunks);
}

function allocate(path: string, length: number): Buffer {
  if (length > constants.MAX_LENGTH) {
    throw new FileError(path, `at most ${constants.MAX_LENGTH} bytes at once`, `${length}`);
  }
  return Buffer.allocUnsafeSlow(length);
}
