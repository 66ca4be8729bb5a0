/** A point as it was given: voxels (z, y, x), or millimetres (x, y, z) right, anterior, superior. */
export type RawPoint = readonly [number, number, number];

/** One prompt before it is placed on the image. */
export interface RawPrompt {
  /** What errors call it. */
  readonly where: string;
  /** Label number or name of its object, as text. */
  readonly object: string;
  readonly space: "voxel" | "mm";
  readonly prompt:
    | { readonly kind: "box"; readonly corners: readonly [RawPoint, RawPoint] }
    | { readonly kind: "click"; readonly at: RawPoint; readonly foreground: boolean };
}

/** The object of a prompt that names none. */
export const firstObject = "1";
