import type { RandomStream, Zyx } from "@ensam/core/voxels";
import type { Canvas } from "./canvas.ts";
import type { Layout } from "./orient.ts";

/** What one modality's generator returns for one case. */
export interface Phantom {
  readonly dataset: string;
  readonly painted: Canvas;
  readonly layout: Layout;
  /** How the intensities are stored. */
  readonly stored: "int16" | "uint16" | "uint8" | "float32";
  /** Name of the CT window for ensam-preprocess, if not the usual one. */
  readonly window?: string;
}

/** Paints one case. `size` scales the voxel counts; at 64 the sides are about 40 to 72 voxels. */
export type PhantomMaker = (random: RandomStream, size: number) => Phantom;

/** Voxel counts and spacing for a field of view: more voxels mean smaller ones, the body stays as large. */
export function sampling(shapeAt64: Zyx, spacingAt64: Zyx, size: number): { shape: Zyx; spacing: Zyx } {
  const scale = (count: number) => Math.max(8, Math.round((count * size) / 64));
  const shape: Zyx = [scale(shapeAt64[0]), scale(shapeAt64[1]), scale(shapeAt64[2])];
  const spacing = shapeAt64.map((count, axis) => Number(((count * spacingAt64[axis]!) / shape[axis]!).toFixed(3)));
  return { shape, spacing: spacing as unknown as Zyx };
}
