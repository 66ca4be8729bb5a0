import { inflateRawSync } from "node:zlib";
import { FileError, reasonOf } from "../fileError.ts";
import { type ByteSource, type OpenSource, openBytes } from "./byteSource.ts";
import { textOf } from "./elementValues.ts";
import {
  DamagedDataset,
  type Dataset,
  type ElementHead,
  type Encoding,
  elementHead,
  OutOfBytes,
  parseElements,
} from "./parseElements.ts";
import { floatPixelData, pixelData, tags } from "./tags.ts";
import { explicitLittleEndian, implicitLittleEndian, type TransferSyntax, transferSyntaxOf } from "./transferSyntax.ts";

/** What a DICOM file says before its pixels, and where those lie. */
export interface DicomHeader {
  /** Of the pixels: the file itself, or what it inflates to. */
  readonly source: ByteSource;
  readonly syntax: TransferSyntax;
  readonly dataset: Dataset;
  readonly pixels: ElementHead | undefined;
  /** Bytes in `source`. */
  readonly size: number;
}

const firstRead = 1 << 14;
const preamble = 128;
const longestInflated = 2 ** 31;

/** Whether these first bytes of a file are those of a DICOM file, with a preamble or without. */
export function isDicom(bytes: Buffer): boolean {
  return datasetStart(bytes) !== undefined;
}

/**
 * The header of a DICOM file; undefined if it is none. Only as much is read as its elements before the pixels take.
 * Rejects with a FileError where the file is cut off or damaged before its pixels.
 */
export async function readHeader(source: ByteSource): Promise<DicomHeader | undefined> {
  const file = await source.open();
  try {
    for (let length = Math.min(firstRead, file.size); ; ) {
      const bytes = Buffer.allocUnsafeSlow(length);
      await file.fill(bytes, 0);
      if (!isDicom(bytes)) return undefined;
      try {
        return await parseHeader(source, file, bytes);
      } catch (error) {
        if (error instanceof DamagedDataset) throw damaged(source.name, error.message);
        if (!(error instanceof OutOfBytes)) throw error;
        if (error.needed > file.size)
          throw damaged(source.name, `one that ends after ${file.size} bytes, in its header`);
        length = Math.min(file.size, Math.max(4 * length, error.needed + firstRead));
      }
    }
  } finally {
    await file.close();
  }
}

async function parseHeader(source: ByteSource, file: OpenSource, bytes: Buffer): Promise<DicomHeader> {
  const start = datasetStart(bytes)!;
  const meta = start.hasMeta
    ? parseElements(bytes, start.at, explicitLittleEndian, { until: (tag) => tag >= 0x0003_0000 })
    : undefined;
  const uid = meta && textOf(meta.dataset, tags.transferSyntax);
  const syntax = uid ? transferSyntaxOf(uid) : guessedSyntax(bytes, meta?.next ?? start.at);
  if (syntax.deflated) return inflatedHeader(source, file, syntax, meta!.next);
  return { source, syntax, size: file.size, ...upToPixels(bytes, meta?.next ?? start.at, syntax) };
}

async function inflatedHeader(
  { name }: ByteSource,
  file: OpenSource,
  syntax: TransferSyntax,
  start: number,
): Promise<DicomHeader> {
  const packed = Buffer.allocUnsafeSlow(file.size - start);
  await file.fill(packed, start);
  let bytes: Buffer;
  try {
    bytes = inflateRawSync(packed, { maxOutputLength: longestInflated });
  } catch (error) {
    throw new FileError(name, "an undamaged deflated DICOM file", reasonOf(error));
  }
  const source = { name, open: async () => openBytes(name, bytes) };
  try {
    return { source, syntax, size: bytes.length, ...upToPixels(bytes, 0, syntax) };
  } catch (error) {
    if (error instanceof OutOfBytes) throw damaged(name, "one that ends in its header");
    throw error;
  }
}

function upToPixels(bytes: Buffer, start: number, encoding: Encoding): Pick<DicomHeader, "dataset" | "pixels"> {
  const until = (tag: number): boolean => tag === pixelData || floatPixelData.includes(tag);
  const { dataset, next } = parseElements(bytes, start, encoding, { until });
  return { dataset, pixels: next < bytes.length ? elementHead(bytes, next, encoding) : undefined };
}

/** Where the first element lies; undefined if these are no bytes of a DICOM file. Without preamble, group 2 or 8 has to come first. */
function datasetStart(bytes: Buffer): { at: number; hasMeta: boolean } | undefined {
  if (bytes.toString("latin1", preamble, preamble + 4) === "DICM") {
    const offset = preamble + 4;
    return { at: offset, hasMeta: bytes.length >= offset + 2 && bytes.readUInt16LE(offset) === 2 };
  }
  if (bytes.length < 8) return undefined;
  const [group, element] = [bytes.readUInt16LE(0), bytes.readUInt16LE(2)];
  const isFirst = (group === 2 && element <= 2) || (group === 8 && element <= 0x18);
  const isElement = namesVr(bytes, 0) || (group === 8 && bytes.readUInt32LE(4) <= 256);
  return isFirst && isElement ? { at: 0, hasMeta: group === 2 } : undefined;
}

function guessedSyntax(bytes: Buffer, offset: number): TransferSyntax {
  return namesVr(bytes, offset) ? explicitLittleEndian : implicitLittleEndian;
}

function namesVr(bytes: Buffer, offset: number): boolean {
  return /^[A-Z]{2}$/.test(bytes.toString("latin1", offset + 4, offset + 6));
}

function damaged(name: string, got: string): FileError {
  return new FileError(name, "an undamaged DICOM file", got);
}
