import { closeSync, openSync, readSync } from "node:fs";
import { crc32, inflateRawSync } from "node:zlib";
import { asFileError, FileError, reasonOf } from "./fileError.ts";
import { statRegularFileSync } from "./regularFile.ts";

/** One member of a zip archive, as its central directory describes it; sizes and `offset` (of the local header) in bytes. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly offset: number;
}

const endSignature = 0x06054b50;
const end64LocatorSignature = 0x07064b50;
const end64Signature = 0x06064b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endSize = 22;
const locatorSize = 20;
const longestComment = 0xffff;
const largestBuffer = 0xffff_ffff;

/**
 * The members of a zip archive by name, read from the central directory at its end, Zip64 included; nothing is
 * inflated. (fflate lists names and sizes but not where a member lies, so it could only read whole archives.)
 */
export function readZipDirectory(path: string): Map<string, ZipEntry> {
  return withFile(path, (file, fileSize) => {
    const { offset, size, count } = findDirectory(path, file, fileSize);
    if (offset + size > fileSize) throw damaged(path, "a central directory that lies outside the file");
    const bytes = readAt(path, file, offset, size);
    const entries = new Map<string, ZipEntry>();
    for (let index = 0, offset = 0; index < count; index++) {
      if (offset + 46 > size || bytes.readUInt32LE(offset) !== entrySignature)
        throw damaged(path, "a damaged central directory");
      const nameLength = bytes.readUInt16LE(offset + 28);
      const extraLength = bytes.readUInt16LE(offset + 30);
      const next = offset + 46 + nameLength + extraLength + bytes.readUInt16LE(offset + 32);
      if (next > size) throw damaged(path, "a damaged central directory");
      const entry = entryAt(bytes, offset, nameLength, extraLength);
      entries.set(entry.name, entry);
      offset = next;
    }
    return entries;
  });
}

/** The bytes of one member, inflated if it is deflated and checked against its stored length and CRC-32. */
export function readZipMember(path: string, entry: ZipEntry): Buffer {
  const where = `${path}: ${entry.name}`;
  if (entry.encrypted) throw new FileError(where, "a member without password", "an encrypted one");
  if (entry.method !== 0 && entry.method !== 8) {
    throw new FileError(where, "zip method 0 (stored) or 8 (deflate)", `method ${entry.method}`);
  }
  if (Math.max(entry.size, entry.packedSize) > largestBuffer) {
    throw new FileError(where, "a member under 4 GiB", `${entry.size} bytes`);
  }
  const packed = withFile(path, (file, fileSize) => {
    const header = entry.offset + 30 > fileSize ? undefined : readAt(path, file, entry.offset, 30);
    if (header?.readUInt32LE(0) !== localSignature) throw damaged(where, "no member where the directory says");
    const start = entry.offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
    if (start + entry.packedSize > fileSize) throw damaged(where, "a member that goes beyond the end of the file");
    return readAt(path, file, start, entry.packedSize);
  });
  const bytes = entry.method === 0 ? packed : inflate(where, packed, entry.size);
  if (bytes.length !== entry.size) throw damaged(where, `${bytes.length} bytes instead of ${entry.size}`);
  if (crc32(bytes) !== entry.crc) throw damaged(where, "bytes that do not match their checksum");
  return bytes;
}

function inflate(where: string, packed: Buffer, size: number): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
  } catch (error) {
    throw damaged(where, `a deflate stream that cannot be read: ${reasonOf(error)}`);
  }
}

interface DirectoryPlace {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

function findDirectory(path: string, file: number, fileSize: number): DirectoryPlace {
  if (fileSize === 0) throw new FileError(path, "a zip archive", "an empty file");
  const tailSize = Math.min(fileSize, endSize + locatorSize + longestComment);
  const tail = readAt(path, file, fileSize - tailSize, tailSize);
  for (let offset = tailSize - endSize; offset >= 0; offset--) {
    if (tail.readUInt32LE(offset) !== endSignature || offset + endSize + tail.readUInt16LE(offset + 20) > tailSize)
      continue;
    const locator = offset - locatorSize;
    if (locator >= 0 && tail.readUInt32LE(locator) === end64LocatorSignature) {
      return findDirectory64(path, file, fileSize, Number(tail.readBigUInt64LE(locator + 8)));
    }
    return {
      count: tail.readUInt16LE(offset + 10),
      size: tail.readUInt32LE(offset + 12),
      offset: tail.readUInt32LE(offset + 16),
    };
  }
  const start = readAt(path, file, 0, Math.min(4, fileSize));
  const isZip = start.length === 4 && start.readUInt32LE(0) === localSignature;
  throw new FileError(
    path,
    "a zip archive",
    isZip ? "one that is cut off (no directory at its end)" : "something else",
  );
}

function findDirectory64(path: string, file: number, fileSize: number, offset: number): DirectoryPlace {
  const record = offset + 56 > fileSize ? undefined : readAt(path, file, offset, 56);
  if (record?.readUInt32LE(0) !== end64Signature) throw damaged(path, "a damaged Zip64 directory record");
  return {
    count: Number(record.readBigUInt64LE(32)),
    size: Number(record.readBigUInt64LE(40)),
    offset: Number(record.readBigUInt64LE(48)),
  };
}

function entryAt(bytes: Buffer, start: number, nameLength: number, extraLength: number): ZipEntry {
  const nameEnd = start + 46 + nameLength;
  const extra = zip64Numbers(bytes.subarray(nameEnd, nameEnd + extraLength));
  const wide = (value: number): number => (value === 0xffff_ffff ? (extra.shift() ?? value) : value);
  const size = wide(bytes.readUInt32LE(start + 24)); // The extra field lists only the overflowing numbers, in this order.
  const packedSize = wide(bytes.readUInt32LE(start + 20));
  const offset = wide(bytes.readUInt32LE(start + 42));
  return {
    name: bytes.toString("utf8", start + 46, nameEnd),
    encrypted: (bytes.readUInt16LE(start + 8) & 1) === 1,
    method: bytes.readUInt16LE(start + 10),
    crc: bytes.readUInt32LE(start + 16),
    size,
    packedSize,
    offset,
  };
}

function zip64Numbers(extra: Buffer): number[] {
  for (let offset = 0; offset + 4 <= extra.length; ) {
    const end = offset + 4 + extra.readUInt16LE(offset + 2);
    if (extra.readUInt16LE(offset) === 1 && end <= extra.length) {
      const numbers: number[] = [];
      for (let place = offset + 4; place + 8 <= end; place += 8) numbers.push(Number(extra.readBigUInt64LE(place)));
      return numbers;
    }
    offset = end;
  }
  return [];
}

function damaged(where: string, got: string): FileError {
  return new FileError(where, "an undamaged zip archive", got);
}

function withFile<T>(path: string, work: (file: number, size: number) => T): T {
  let file: number | undefined;
  try {
    const { size } = statRegularFileSync(path, "a zip archive that can be read");
    file = openSync(path, "r");
    return work(file, size);
  } catch (error) {
    throw asFileError(path, "a zip archive that can be read", error);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function readAt(path: string, file: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let done = 0; done < length; ) {
    const count = readSync(file, bytes, done, Math.min(length - done, 1 << 30), offset + done);
    if (count === 0) throw new FileError(path, `${length} bytes at ${offset}`, `${done}`);
    done += count;
  }
  return bytes;
}
