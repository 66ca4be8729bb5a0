import { quads } from "./tiles.ts";

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

/** How to compute convolutions from now on. */
export type Arithmetic =
  | { readonly precision: "f32" | "f16" }
  | { readonly precision: "matrix"; readonly unit: MatrixUnit };

/** Maps of fewer voxels would leave most of a GPU idle in the large tiles of the matrix units. */
const smallestMatrixMap = 16384;

let chosen: Arithmetic = { precision: "f32" };
let smallestMap = smallestMatrixMap;

/** @param smallest  fewest rows for which the matrix units are used; 0 in tests */
export function chooseArithmetic(arithmetic: Arithmetic, smallest = smallestMatrixMap): void {
  chosen = arithmetic;
  smallestMap = smallest;
}

export function chosenArithmetic(): Arithmetic {
  return chosen;
}

/** How to compute a product with so many rows (voxels) and output channels: few channels do not fill a matrix unit. */
export function arithmeticFor(rows: number, outputs: number): Arithmetic {
  if (quads(outputs) <= 1) return { precision: "f32" };
  return chosen.precision === "matrix" && rows < smallestMap ? { precision: "f16" } : chosen;
}
