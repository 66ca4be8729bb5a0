/**
 * What convolutions multiply: `f32` numbers, numbers rounded to `f16` in the workgroup's memory, or such numbers by the
 * GPU's matrix units (`matrix`, tensor cores). Sums are f32 in all of them, as are all maps and weights outside of a
 * workgroup.
 */
export type Precision = "f32" | "f16" | "matrix";

/** A product of the matrix units: [rows, depth] · [depth, columns], by the threads of one subgroup together. */
export interface MatrixUnit {
  readonly rows: number;
  readonly columns: number;
  readonly depth: number;
  readonly subgroupSize: number;
}

export type Arithmetic =
  | { readonly precision: "f32" | "f16" }
  | { readonly precision: "matrix"; readonly unit: MatrixUnit };

/** How a device computes convolutions: chosen when it is opened, and its own. */
export interface ConvolutionSettings {
  readonly arithmetic: Arithmetic;
  /** Fewest rows (voxels) for which matrix units are used: smaller maps would leave most of a GPU idle. 0 in tests. */
  readonly smallestMatrixMap: number;
  /** By class of output channels, which of its tiles large maps take; the first where none is given. */
  readonly tiles: readonly number[];
}

export const firstSettings: ConvolutionSettings = {
  arithmetic: { precision: "f32" },
  smallestMatrixMap: 16384,
  tiles: [],
};
