import { InputError } from "@ensam/core/command";
import type { Space } from "./rawPrompts.ts";

/** Slicer's two spellings of a coordinate system: names, and before 4.11 numbers. */
const systems: Readonly<Record<string, Space>> = { RAS: "ras", "0": "ras", LPS: "lps", "1": "lps" };

/**
 * The coordinate system that a file of Slicer's states. One that states none is refused unless `given` says it: the two
 * differ by the signs of two numbers, and the wrong one is often still inside of the image.
 */
export function slicerSpace(where: string, stated: unknown, fallback: Space | undefined): Space {
  const known = systems[String(stated ?? "").toUpperCase()];
  if (known !== undefined) return known;
  if (stated === undefined && fallback !== undefined && fallback !== "voxel") return fallback;
  const got = stated === undefined ? "nothing (--coords ras or lps says it)" : JSON.stringify(stated);
  throw new InputError(`${where}: expected LPS or RAS (or 1 or 0, as older files have it), got ${got}`);
}

/** Whether a point's label or description makes it a background click: "bg", "bg-2", "background", "negative 1". */
export function isBackgroundWord(text: unknown): boolean {
  return typeof text === "string" && /^\s*(bg|background|negative)(?![\p{L}])/iu.test(text);
}
