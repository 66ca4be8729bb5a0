import type { Arithmetic, ConvolutionSettings } from "../runtime/convolutionSettings.ts";
import { quads } from "./tiles.ts";

/** How to compute a product with so many rows (voxels) and output channels: few channels do not fill a matrix unit. */
export function arithmeticFor(
  { arithmetic, smallestMatrixMap }: ConvolutionSettings,
  rows: number,
  outputs: number,
): Arithmetic {
  if (quads(outputs) <= 1) return { precision: "f32" };
  return arithmetic.precision === "matrix" && rows < smallestMatrixMap ? { precision: "f16" } : arithmetic;
}
