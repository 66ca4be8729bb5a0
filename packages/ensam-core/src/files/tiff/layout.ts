import type { Note } from "../imageFile.ts";
import type { TiffPage } from "./tiffPages.ts";

/** How the planes of a TIFF make up a volume. */
export interface TiffLayout {
  readonly slices: number;
  readonly channels: number;
  readonly times: number;
  /** The page of a plane, from 0. */
  pageOf(slice: number, channel: number, time: number): number;
  /** The size of a voxel in mm along x, y, z; undefined where the file does not say. */
  readonly spacing: readonly [x: number | undefined, y: number | undefined, z: number | undefined];
  readonly notes: readonly Note[];
}

/** A TIFF whose description says nothing: every page is a slice. A print resolution is no voxel size. */
export function plainLayout(pages: readonly TiffPage[]): TiffLayout {
  return {
    slices: pages.length,
    channels: 1,
    times: 1,
    pageOf: (slice) => slice,
    spacing: [undefined, undefined, undefined],
    notes: printNotes(pages[0]!),
  };
}

/** What to say about a resolution in dots per inch or centimetre. */
export function printNotes({ resolution: [x], resolutionUnit }: TiffPage): Note[] {
  const unit = ({ 2: "inch", 3: "cm" } as const)[resolutionUnit];
  if (x === undefined || x === 1 || unit === undefined) return [];
  return [
    {
      doubt: `a resolution of ${Number(x.toPrecision(6))} dots per ${unit} is stored; it is for printing and not taken as a voxel size`,
    },
  ];
}
