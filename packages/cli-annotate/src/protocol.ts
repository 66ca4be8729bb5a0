import type { SessionReport } from "@ensam/core/session";

/** What page and server say to each other. All paths are below the token, all voxels (z, y, x) of the stored grid. */

/** A window of the page, in the image's own units. */
export interface DisplayWindow {
  readonly name: string;
  readonly low: number;
  readonly high: number;
}

/** `api/state`: everything about the image that is open. */
export interface CaseState {
  readonly index: number;
  /** File names of all images. */
  readonly cases: readonly string[];
  readonly name: string;
  readonly shape: readonly [number, number, number];
  /**
   * Whether `api/preview.nii` should be shown before the image, which takes long to come. While the first image is
   * still being opened, `api/first.nii` gives its picture before this state, with its window as cal_min and cal_max; it
   * has no content (204) where there is none.
   */
  readonly hasPreview: boolean;
  /** Voxel (x, y, z, 1) to mm (right, anterior, superior), row by row. */
  readonly affine: readonly number[];
  readonly spacing: readonly [number, number, number];
  /** Letters of where x, y, z run. */
  readonly axes: string;
  readonly voxelMm3: number;
  readonly windows: readonly DisplayWindow[];
  /** The smallest and the largest finite value. */
  readonly range: readonly [number, number];
  readonly notes: readonly string[];
  /** Endings of the label maps that can be exported. */
  readonly formats: readonly string[];
  readonly model: string;
  readonly device: string;
  readonly log: string;
  readonly report: SessionReport;
  /** The last event's number. */
  readonly n: number;
}

/**
 * The JSON part of an answer to `api/event`. It begins with its length (uint32, little-endian); behind it come the
 * labels of `changed`.
 */
export interface EventAnswer extends SessionReport {
  readonly n: number;
  readonly changed?: {
    readonly min: readonly [number, number, number];
    readonly max: readonly [number, number, number];
  };
  /** Of the server, from the event's arrival to the answer. */
  readonly milliseconds: number;
}

/** Any refusal: status 4xx or 5xx. */
export interface Refusal {
  readonly error: string;
}

/** Kinds of `api/export`. */
export type ExportKind = "labels" | "prompts" | "markups";
