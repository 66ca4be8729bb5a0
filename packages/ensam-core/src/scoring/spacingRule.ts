import type { Zyx } from "../voxels/index.ts";

/**
 * Which spacing the surface Dice uses. The challenge's files store it as (x, y, z) and its evaluator hands that triple
 * unturned to axes (z, y, x): "challenge" does the same, and only so do the official numbers come out. "physical" turns
 * it, so that millimetres are millimetres.
 */
export type SpacingRule = "challenge" | "physical";

/**
 * The spacing of axes (z, y, x) for scoring, in mm.
 *
 * @param stored  the file's triple, (x, y, z)
 */
export function scoringSpacing(stored: readonly [x: number, y: number, z: number], rule: SpacingRule): Zyx {
  const [x, y, z] = stored;
  return rule === "challenge" ? [x, y, z] : [z, y, x];
}
