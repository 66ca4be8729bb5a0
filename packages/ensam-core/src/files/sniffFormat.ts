import { open } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";
import { asFileError } from "./fileError.ts";
import type { ImageFormat } from "./imageFile.ts";
import { isGzip } from "./isGzip.ts";
import { isMetaImage } from "./metaHeader.ts";
import { isNifti } from "./niftiHeader.ts";
import { isGipl } from "./readGipl.ts";
import { statRegularFile } from "./regularFile.ts";

export type SniffedFormat = Exclude<ImageFormat, "nifti-1" | "nifti-2"> | "nifti" | "dicom" | "empty" | undefined;

const headLength = 4096;

/**
 * What kind of image a file is: by its first bytes, and by its name only where those say nothing (the voxels of a .hdr/.img pair, damaged
 * gzip, DICOM without preamble). Undefined if it is none that is known. Rejects with a FileError.
 */
export async function sniffFormat(path: string): Promise<SniffedFormat> {
  const head = await readHead(path);
  if (head.length === 0) return "empty";
  return formatOfBytes(head) ?? formatOfName(path);
}

function formatOfBytes(head: Buffer): SniffedFormat {
  const isPacked = isGzip(head);
  const bytes = isPacked ? inflatedStart(head) : head;
  if (isNifti(bytes)) return "nifti";
  if (isGipl(bytes)) return "gipl";
  if (isPacked) return undefined;
  const text = bytes.toString("latin1");
  if (text.startsWith("NRRD")) return "nrrd";
  if (text.startsWith("PK\x03\x04") || text.startsWith("PK\x05\x06")) return "npz";
  if (text.slice(128, 132) === "DICM") return "dicom"; // Before TIFF: some DICOM files are both.
  if (/^(II[*+]\0|MM\0[*+])/.test(text)) return "tiff";
  return isMetaImage(bytes) ? "meta" : undefined;
}

function formatOfName(path: string): SniffedFormat {
  if (/\.(nii|hdr|img)(\.gz)?$/i.test(path)) return "nifti";
  if (/\.npz$/i.test(path)) return "npz";
  return /\.(dcm|dicom|ima)$/i.test(path) ? "dicom" : undefined;
}

function inflatedStart(head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0); // The reader itself says what is wrong with the stream.
  }
}

async function readHead(path: string): Promise<Buffer> {
  await statRegularFile(path, "an image file that can be read");
  try {
    const file = await open(path, "r");
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asFileError(path, "an image file that can be read", error);
  }
}
