import { constants, gunzipSync } from "node:zlib";
import { firstBytes } from "./firstBytes.ts";
import type { ImageFormat } from "./imageFile.ts";
import { isGzip } from "./isGzip.ts";
import { isMetaImage } from "./metaHeader.ts";
import { isNifti } from "./niftiHeader.ts";
import { isGipl } from "./readGipl.ts";

export type SniffedFormat = Exclude<ImageFormat, "nifti-1" | "nifti-2"> | "nifti" | "dicom" | "empty" | undefined;

const headLength = 4096;

/**
 * What kind of image a file is: by its first bytes, and by its name only where those say nothing (the voxels of a
 * .hdr/.img pair, damaged gzip, DICOM without preamble). Undefined if it is none that is known. Rejects with a
 * FileError.
 */
export async function sniffFormat(path: string): Promise<SniffedFormat> {
  const head = firstBytes(path, headLength, "an image file that can be read");
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
