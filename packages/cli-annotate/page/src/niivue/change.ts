import type { Zyx } from "../../../src/displayGrid.ts";

/** How much of the picture has changed: everything, the slices, or what a block of the mask covers in them. */
export type Change = "all" | "slices" | { readonly min: Zyx; readonly max: Zyx };
