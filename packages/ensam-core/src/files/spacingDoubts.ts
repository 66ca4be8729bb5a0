import type { Zyx } from "../voxels/index.ts";

/** Relative difference of voxel sizes that rounding explains: rows are often written by hand with three digits. */
const rounding = 2e-3;

/**
 * What a user should hear where a row's voxel size is not that of its npz (both in mm along z, y, x): surface distances
 * are measured with the row's. Empty where they agree, or where the file has none.
 */
export function spacingDoubts(ofRow: Zyx | readonly number[], ofFile: Zyx | undefined): string[] {
  if (ofFile === undefined || agree(ofRow, ofFile)) return [];
  const isReversed = agree(ofRow, ofFile.toReversed());
  const order = isReversed ? "; they differ in the order of axes (rows: z, y, x)" : "";
  return [
    `spacing: the row has [${ofRow.join(", ")}], its npz [${ofFile.join(", ")}] (z, y, x); the row's counts${order}`,
  ];
}

function agree(a: readonly number[], b: readonly number[]): boolean {
  return a.every((mm, axis) => Math.abs(mm - b[axis]!) <= rounding * Math.max(mm, b[axis]!));
}
