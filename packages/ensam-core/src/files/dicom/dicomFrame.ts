import type { DicomHeader } from "./readHeader.ts";

export type Vector = readonly [number, number, number];

/** How stored numbers lie in their cells (PS3.5 section 8.1.1). */
export interface StoredBits {
  readonly allocated: number;
  readonly stored: number;
  readonly high: number;
  readonly signed: boolean;
}

/** One slice: a file with one frame, or a frame of an enhanced multi-frame file. Positions and directions are LPS, lengths mm. */
export interface DicomFrame {
  readonly header: Pick<DicomHeader, "source" | "syntax" | "pixels" | "size">;
  /** For messages: the file, and where it holds several frames, which. */
  readonly name: string;
  /** Of `frameCount` in the file, from 0. */
  readonly index: number;
  readonly frameCount: number;
  /** Where each frame's fragment begins behind the offset table, in bytes, where the file says it in 64 bits. */
  readonly extendedOffsets: readonly number[];
  readonly series: DicomSeries;
  readonly sopClass: string;
  readonly instance: string;
  readonly instanceNumber: number;
  readonly rows: number;
  readonly columns: number;
  readonly bits: StoredBits;
  readonly photometric: string;
  /** The centre of the first pixel. */
  readonly position: Vector | undefined;
  /** The direction in which the column index grows (along a row), then the one in which the row index grows. */
  readonly directions: readonly [alongRow: Vector, alongColumn: Vector] | undefined;
  readonly spacing: PixelSpacing | undefined;
  readonly thickness: number | undefined;
  readonly spacingBetweenSlices: number | undefined;
  readonly slope: number;
  readonly intercept: number;
  /** What tells images of one series apart that are not of one volume, such as echoes. */
  readonly kind: readonly string[];
  /** What may tell them apart where positions repeat: acquisitions, trigger times, b values. */
  readonly repeats: readonly string[];
}

export interface DicomSeries {
  readonly uid: string;
  readonly number: string;
  readonly description: string;
  readonly modality: string;
  /** Of the values, as the file names it (HU, BQML); "" where it does not. */
  readonly unit: string;
}

/** Millimetres from row to row and from column to column, and whether they hold at the detector rather than in the body. */
export interface PixelSpacing {
  readonly betweenRows: number;
  readonly betweenColumns: number;
  readonly atDetector: boolean;
}
