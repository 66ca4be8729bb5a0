/** How a file's data elements and pixels are encoded (PS3.5 section 10). */
export interface TransferSyntax {
  readonly uid: string;
  readonly name: string;
  readonly explicit: boolean;
  readonly littleEndian: boolean;
  readonly deflated: boolean;
  readonly pixels: PixelEncoding;
  readonly isLossy: boolean;
}

/** Native pixels, run lengths, or which decoder of the JPEG family reads them; undefined where none that is known does. */
export type PixelEncoding = "native" | "rle" | JpegFamily | undefined;
export type JpegFamily = "jpeg" | "jpeg-ls" | "jpeg-2000" | "htj2k";

const prefix = "1.2.840.10008.1.2";
export const implicitLittleEndian = syntax("", "Implicit VR Little Endian", "native", { explicit: false });
export const explicitLittleEndian = syntax(".1", "Explicit VR Little Endian", "native");

const known = [
  implicitLittleEndian,
  explicitLittleEndian,
  syntax(".1.99", "Deflated Explicit VR Little Endian", "native", { deflated: true }),
  syntax(".2", "Explicit VR Big Endian", "native", { littleEndian: false }),
  syntax(".5", "RLE Lossless", "rle"),
  syntax(".4.50", "JPEG Baseline", "jpeg", { isLossy: true }),
  syntax(".4.51", "JPEG Extended (12 bit)", undefined, { isLossy: true }),
  syntax(".4.57", "JPEG Lossless", "jpeg"),
  syntax(".4.70", "JPEG Lossless, first-order prediction", "jpeg"),
  syntax(".4.80", "JPEG-LS Lossless", "jpeg-ls"),
  syntax(".4.81", "JPEG-LS Near-lossless", "jpeg-ls", { isLossy: true }),
  syntax(".4.90", "JPEG 2000 Lossless", "jpeg-2000"),
  syntax(".4.91", "JPEG 2000", "jpeg-2000", { isLossy: true }),
  syntax(".4.201", "High-Throughput JPEG 2000 Lossless", "htj2k"),
  syntax(".4.202", "High-Throughput JPEG 2000 Lossless (RPCL)", "htj2k"),
  syntax(".4.203", "High-Throughput JPEG 2000", "htj2k", { isLossy: true }),
];

/** The transfer syntax of this UID; one that is not known is read as explicit little endian, its pixels not at all. */
export function transferSyntaxOf(uid: string): TransferSyntax {
  return known.find((one) => one.uid === uid) ?? { ...explicitLittleEndian, uid, name: uid, pixels: undefined };
}

function syntax(
  ending: string,
  name: string,
  pixels: PixelEncoding,
  rest: Partial<TransferSyntax> = {},
): TransferSyntax {
  const plain = { explicit: true, littleEndian: true, deflated: false, isLossy: false };
  return { ...plain, uid: prefix + ending, name, pixels, ...rest };
}
